"""Allocations as people see them: whole for the administration and the regulators of the region, own rows for everybody else.

Needs and listings are shown as the viewer may see them; what it may not see is only counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts import Organisation, OrganisationName, competences, names
from app.db.jobs import job_view
from app.db.work import Reader
from app.kernel.errors import CATALOGUE, fail
from app.kernel.permission import REGISTRY, Subject, allowed, within
from app.kernel.text import Text
from app.listings import Listing
from app.matching.allocating.models import AllocationLine, AllocationNeed, AllocationRun
from app.matching.allocating.scenario import Scenario
from app.matching.faces import ListingFace, faces_of
from app.needs import Need, NeedsList, NeedView, needs_by_ids

SERVED = ("served", "partly")


@dataclass(frozen=True, slots=True)
class RunView:
    """A run. `whole`: the viewer may see all of it; else its totals are None. `gap`: what might be missing, as a share of the
    bound."""

    ref: str
    needs_list_ref: str | None
    list_name: str | None
    list_name_zh: str | None
    region: str
    base_ref: str | None
    status: str
    started_at: datetime
    finished_at: datetime | None
    scenario: Scenario
    whole: bool
    may_start: bool
    proven: bool
    needs: int | None = None
    listings: int | None = None
    pairs: int | None = None
    served: int | None = None
    value: int | None = None
    bound: int | None = None
    gap: float | None = None
    engine_version: str = ""
    input_hash: str | None = None
    seed: int = 0
    params: Mapping[str, Any] | None = None
    methods: Mapping[str, Any] | None = None
    timings: Mapping[str, Any] | None = None
    message: Text | None = None
    percent: int | None = None
    stage: str | None = None

    def list_title(self, locale: str) -> str | None:
        return self.list_name_zh if self.list_name_zh and locale.lower().startswith("zh") else self.list_name


@dataclass(frozen=True, slots=True)
class Share:
    """What a need gets of one listing; `listing` None where the viewer may not see it. `score`, `distance_m`: None where it does not
    see both places exactly."""

    listing: ListingFace | None
    quantity: int
    score: float | None
    distance_m: float | None
    slots: Mapping[str, list[int]]


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need of a run; `need` None where the viewer may not see it. `candidates`, `weight`: only for who sees the run whole. Of
    another's need an owner is told only what its own listings give."""

    need: NeedView | None
    wanted: int
    given: int
    candidates: int | None
    weight: int | None
    outcome: str
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    results: tuple[NeedRow, ...]
    count: int


def subject_of(session: Session, run: AllocationRun) -> Subject:
    regulators = frozenset(
        c.organisation_id for c in competences(session) if c.authority == "sector" and within(run.region, c.regions)
    )
    return Subject(region=run.region, regulator_ids=regulators)


def _own(reader: Reader) -> ColumnElement[bool]:
    """Rows of a run (`AllocationNeed`) that concern the viewer's organisations: its needs, or needs served from its listings."""
    mine = reader.actor.subtree
    served = (
        select(AllocationLine.need_id)
        .join(Listing, Listing.id == AllocationLine.listing_id)
        .where(
            AllocationLine.run_id == AllocationNeed.run_id,
            AllocationLine.need_id == AllocationNeed.need_id,
            Listing.owner_id.in_(mine),
        )
    )
    asked = select(Need.id).where(Need.id == AllocationNeed.need_id, Need.organisation_id.in_(mine))
    return or_(exists(served), exists(asked))


def run_list(reader: Reader, needs_list: str | None = None, limit: int = 50, scenarios: bool = True) -> list[RunView]:
    """The newest runs that the viewer may see, or has a row in; of one needs list where it is named. `scenarios`: also those that
    vary another."""
    reader.permit("allocation.list")
    statement = select(AllocationRun).order_by(AllocationRun.id.desc())
    if needs_list is not None:
        statement = statement.join(NeedsList, NeedsList.id == AllocationRun.needs_list_id).where(NeedsList.ref == needs_list)
    if not scenarios:
        statement = statement.where(AllocationRun.base_id.is_(None))
    found: list[RunView] = []
    for run in reader.session.scalars(statement.execution_options(yield_per=100)):
        view = _view(reader, run)
        if view is not None:
            found.append(view)
        if len(found) == limit:
            break
    return found


def run_detail(reader: Reader, ref: str) -> RunView:
    """One run, or `not_found` where nothing of it concerns the viewer."""
    reader.permit("allocation.list")
    view = _view(reader, run_row(reader, ref))
    if view is None:
        raise fail("not_found")
    return view


def run_row(reader: Reader, ref: str) -> AllocationRun:
    run = reader.session.scalar(select(AllocationRun).where(AllocationRun.ref == ref))
    if run is None:
        raise fail("not_found")
    return run


def whole_run(reader: Reader, ref: str) -> AllocationRun:
    """The run, for who may see all of it. Who sees nothing of it does not find it."""
    run = run_row(reader, ref)
    if _view(reader, run) is None:
        raise fail("not_found")
    reader.permit("allocation.view", subject_of(reader.session, run))
    return run


def _view(reader: Reader, run: AllocationRun) -> RunView | None:
    subject = subject_of(reader.session, run)
    whole = allowed(REGISTRY["allocation.view"], reader.actor, subject)
    if not whole and not reader.session.scalar(select(exists().where(AllocationNeed.run_id == run.id, _own(reader)))):
        return None
    listed = reader.session.get(NeedsList, run.needs_list_id) if run.needs_list_id else None
    base = reader.session.get(AllocationRun, run.base_id) if run.base_id else None
    known: dict[str, Any] = {
        "ref": run.ref,
        "needs_list_ref": listed.ref if listed else None,
        "list_name": listed.name if listed else None,
        "list_name_zh": listed.name_zh if listed else None,
        "region": run.region,
        "status": run.status,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "may_start": allowed(REGISTRY["allocation.start"], reader.actor, subject),
        "proven": run.proven,
    }
    if not whole:  # what was asked names others
        return RunView(**known, whole=False, base_ref=None, scenario=Scenario())
    job = job_view(reader.session, run.job_id) if run.job_id is not None and run.status == "running" else None
    columns = ("needs", "listings", "pairs", "served", "value", "bound", "engine_version", "input_hash", "seed")
    more = {name: getattr(run, name) for name in columns}
    return RunView(
        **known,
        **more,
        whole=True,
        base_ref=base.ref if base else None,
        scenario=Scenario.of(run.scenario),
        gap=_gap(run),
        params=dict(run.params),
        methods=dict(run.methods),
        timings=dict(run.timings),
        message=_why(run.message),
        percent=job.progress if job else None,
        stage=job.message if job else None,
    )


def _why(message: str | None) -> Text | None:
    """Why a run failed: by the catalogue where it has the words, else as it was said."""
    if message is None:
        return None
    return CATALOGUE[message].title if message in CATALOGUE else Text(message, message)


def _gap(run: AllocationRun) -> float | None:
    if run.value is None or run.bound is None:
        return None
    return (run.bound - run.value) / run.bound if run.bound > 0 else 0.0


def need_rows(reader: Reader, ref: str, served: bool | None = None, limit: int = 50, offset: int = 0) -> Rows:
    """The needs of a run: served, not served, or all; heavier first. Others than the administration get their own."""
    view = run_detail(reader, ref)
    run = run_row(reader, ref)
    statement = select(AllocationNeed).where(AllocationNeed.run_id == run.id)
    if served is not None:
        inside = AllocationNeed.outcome.in_(SERVED)
        statement = statement.where(inside if served else ~inside)
    if not view.whole:
        statement = statement.where(_own(reader))
    count = reader.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = statement.order_by(AllocationNeed.weight.desc(), AllocationNeed.need_id).limit(limit).offset(offset)
    return Rows(tuple(_rows(reader, run.id, page, view.whole)), count)


def _rows(reader: Reader, run_id: int, statement: Select[AllocationNeed], whole: bool) -> list[NeedRow]:
    rows = reader.session.scalars(statement).all()
    ids = [row.need_id for row in rows]
    needs = needs_by_ids(reader, ids)
    asked = select(AllocationLine).where(AllocationLine.run_id == run_id, AllocationLine.need_id.in_(ids))
    lines = reader.session.scalars(asked.order_by(AllocationLine.need_id, AllocationLine.score.desc())).all()
    faces = faces_of(reader, sorted({line.listing_id for line in lines}))
    shares: dict[int, list[Share]] = {}
    for line in lines:
        face = faces.get(line.listing_id)
        mine = face is not None and face.owner.id in reader.actor.subtree
        need = needs.get(line.need_id)
        of_mine = need is not None and need.organisation.id in reader.actor.subtree
        if whole or mine or of_mine:
            exact = face is not None and face.is_exact
            between = exact and need is not None and need.is_exact
            shares.setdefault(line.need_id, []).append(
                Share(
                    face,
                    line.quantity,
                    line.score / 1000 if between else None,
                    line.distance_mm / 1000 if between else None,
                    dict(line.slots) if exact else {},
                )
            )
    return [_row(reader, row, needs.get(row.need_id), tuple(shares.get(row.need_id, ())), whole) for row in rows]


def _row(reader: Reader, row: AllocationNeed, need: NeedView | None, shares: tuple[Share, ...], whole: bool) -> NeedRow:
    if whole:
        return NeedRow(need, row.wanted, row.given, row.candidates, row.weight, row.outcome, shares)
    if need is not None and need.organisation.id in reader.actor.subtree:
        return NeedRow(need, row.wanted, row.given, None, None, row.outcome, shares)
    own = sum(share.quantity for share in shares)
    return NeedRow(need, own, own, None, None, "served", shares)


def allocatable(reader: Reader) -> list[tuple[str, str, str | None, str]]:
    """(ref, name, name in Chinese, region) of the published needs lists that the viewer may allocate."""
    rows = reader.session.execute(
        select(NeedsList.ref, NeedsList.name, NeedsList.name_zh, NeedsList.region)
        .where(NeedsList.status == "published")
        .order_by(NeedsList.id.desc())
    )
    rule = REGISTRY["allocation.start"]
    return [(r.ref, r.name, r.name_zh, r.region) for r in rows if allowed(rule, reader.actor, Subject(region=r.region))]


def owners_open(reader: Reader) -> list[OrganisationName]:
    """Who has a listing open that the viewer may know of, by name: for the form of a scenario."""
    shown = and_(Listing.status == "published", Listing.face_tier != "T0")
    ids = reader.session.scalars(select(Listing.owner_id).where(shown).distinct())
    return sorted(names(reader.session, ids).values(), key=lambda o: (o.in_(reader.actor.locale), o.id))


def requesters(reader: Reader, ref: str) -> list[OrganisationName]:
    """Whose needs are in a run, as far as the viewer may see them, by name."""
    run = whole_run(reader, ref)
    asked = select(Need.organisation_id).join(AllocationNeed, AllocationNeed.need_id == Need.id)
    ids = reader.session.scalars(asked.where(AllocationNeed.run_id == run.id).distinct())
    return sorted(names(reader.session, ids).values(), key=lambda o: (o.in_(reader.actor.locale), o.id))


def organisations_named(reader: Reader, refs: list[str]) -> dict[str, Text]:
    """The names of those references that are organisations'."""
    columns = (Organisation.ref, Organisation.name, Organisation.name_zh)
    rows = reader.session.execute(select(*columns).where(Organisation.ref.in_(refs)))
    return {row.ref: Text(row.name, row.name_zh or row.name) for row in rows}
