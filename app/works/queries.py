"""Reads of works: lists, one project with what is reserved and who answered, and what lacks its reservation. Frozen views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from app.accounts import Organisation, OrganisationName, names
from app.assets import Asset
from app.audit import HistoryRow, history
from app.catalogue.works_terms import NEVER, WORKS_KINDS
from app.db.containment import region_within
from app.db.paging import seek
from app.db.work import Reader
from app.deadlines import ClockView, clocks_of
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.ledger import KIND_WORDS, ClaimView, too_early
from app.works.models import WorksElement, WorksJoin, WorksProject
from app.works.projects import (
    SUBJECT,
    answer_words,
    elements_of,
    found,
    joins_of,
    lacks,
    late_text,
    late_then,
    reserved_of,
    subject_of,
)
from app.works.rules import STANDING, Lack


@dataclass(frozen=True, slots=True)
class WorksFilter:
    """`mine`: of the reader's organisations. `lacking`: without their mandatory reservation."""

    mine: bool = False
    kind: str | None = None
    status: str | None = None
    region: str | None = None
    lacking: bool | None = None


@dataclass(frozen=True, slots=True)
class WorksRow:
    ref: str
    name: str
    kind: str
    sponsor: OrganisationName
    region: str
    status: str
    permit_on: date
    starts_on: date
    completes_on: date
    announced_on: date | None
    join_until: date | None
    lacks_reserve: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class ElementView:
    """`asset_ref`: of the planned asset, for its owner. `reserved`: by the ledger once announced. `left_pct`, `width_pct`: of the
    strip along the chainage."""

    number: int
    kind: str
    name: str
    from_m: int
    to_m: int
    level: str
    bore_mm: int | None
    capacity: Mapping[str, float]
    reserved: Mapping[str, float]
    asset_ref: str | None
    left_pct: float
    width_pct: float


@dataclass(frozen=True, slots=True)
class JoinView:
    number: int
    organisation: OrganisationName
    status: str
    what: str
    elements: Sequence[int]
    asked_on: date
    answered_on: date | None
    answer: Text | None
    is_mine: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class AffectedView:
    """A claim that begins before its asset is available."""

    asset: str
    dimension: str
    kind: Text
    amount_milli: int
    starts: date
    holder: OrganisationName | None


@dataclass(frozen=True, slots=True)
class Late:
    """What becomes of a request after the window (a word of LATE_RULES), in the words of the rule of the announcement."""

    then: str
    text: Text


@dataclass(frozen=True, slots=True)
class WorksView:
    """A project as the reader may see it: the sponsor and regulators see every answer, others their own and who does not join.
    `late`: None until it is announced."""

    row: WorksRow
    version: int
    description: str
    from_m: int
    to_m: int
    geometry: Any
    terms: Mapping[str, Any]
    late: Late | None
    reason: str | None
    elements: Sequence[ElementView]
    lacks: Sequence[Lack]
    joins: Sequence[JoinView]
    affected: Sequence[AffectedView]
    clocks: Sequence[ClockView]
    subject: Subject
    is_mine: bool
    history: Sequence[HistoryRow]

    @property
    def ref(self) -> str:
        return self.row.ref

    @property
    def own_answer(self) -> JoinView | None:
        """What the reader's organisation answered last."""
        return next((join for join in reversed(self.joins) if join.is_mine), None)

    @property
    def own_standing(self) -> JoinView | None:
        """Its request to join that is not over."""
        return self.own_answer if self.own_answer and self.own_answer.status in STANDING else None


@dataclass(frozen=True, slots=True)
class Found:
    results: Sequence[WorksRow]
    count: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None


def list_works(
    reader: Reader,
    wanted: WorksFilter,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """The works that the reader may see, the latest first."""
    reader.permit("works.list")
    visible = or_(WorksProject.announced_on.is_not(None), WorksProject.sponsor_id.in_(reader.actor.subtree))
    return _found(reader, [visible, *_conditions(reader, wanted)], limit, after, before)


def overseen(
    reader: Reader,
    *,
    lacking: bool = False,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """Announced works where the reader is competent; `lacking`: those without their mandatory reservation."""
    permit_oversight(reader)
    conditions = [WorksProject.status.in_(("announced", "completed")), competent(reader)]
    if lacking:
        conditions.append(WorksProject.lacks_reserve.is_(True))
    return _found(reader, conditions, limit, after, before)


def overseen_rows(reader: Reader) -> list[WorksProject]:
    """The announced works without their mandatory reservation where the reader is competent."""
    lacking = (WorksProject.status == "announced", WorksProject.lacks_reserve.is_(True), competent(reader))
    return list(reader.session.scalars(select(WorksProject).where(*lacking).order_by(WorksProject.id)))


def permit_oversight(reader: Reader) -> None:
    actor = reader.actor
    held = frozenset({actor.organisation_id}) if actor.competences and actor.organisation_id else frozenset()
    reader.permit("works.oversee", Subject(regulator_ids=frozenset(held)))


def competent(reader: Reader) -> ColumnElement[bool]:
    """Where the reader's competence reaches; an evaluator sees all."""
    if reader.actor.is_evaluator or reader.actor.is_system:
        return WorksProject.id.is_not(None)
    parts: list[ColumnElement[bool]] = [false()]
    for held in reader.actor.competences:
        places = or_(*(region_within(WorksProject.region, region) for region in held.regions)) if held.regions else false()
        if held.authority == "communications":
            parts.append(places)
        else:
            from_sector = select(Organisation.id).where(Organisation.sector.in_(held.sectors))
            parts.append(and_(places, WorksProject.sponsor_id.in_(from_sector)))
    return or_(*parts)


def _conditions(reader: Reader, wanted: WorksFilter) -> list[ColumnElement[bool]]:
    found_: list[ColumnElement[bool]] = []
    if wanted.mine:
        found_.append(WorksProject.sponsor_id.in_(reader.actor.subtree))
    if wanted.kind:
        if wanted.kind not in WORKS_KINDS:
            raise fail("malformed")
        found_.append(WorksProject.kind == wanted.kind)
    if wanted.status:
        found_.append(WorksProject.status == wanted.status)
    if wanted.region:
        found_.append(region_within(WorksProject.region, wanted.region))
    if wanted.lacking is not None:
        found_.append(WorksProject.lacks_reserve == wanted.lacking)
    return found_


def _found(
    reader: Reader,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    after: tuple[Any, ...] | None,
    before: tuple[Any, ...] | None,
) -> Found:
    base = select(WorksProject).where(*conditions)
    page = list(reader.session.scalars(seek(base, [(WorksProject.id, True)], after or before, limit, reverse=before is not None)))
    more, page = len(page) > limit, page[:limit]
    if before is not None:
        page.reverse()
    count = reader.session.scalar(select(func.count()).select_from(base.with_only_columns(WorksProject.id).subquery())) or 0
    has_next, has_previous = (more, after is not None) if before is None else (True, more)
    known = names(reader.session, {row.sponsor_id for row in page})
    return Found(
        [_row(reader, row, known[row.sponsor_id]) for row in page],
        count,
        (page[-1].id,) if page and has_next else None,
        (page[0].id,) if page and has_previous else None,
    )


def _row(reader: Reader, row: WorksProject, sponsor: OrganisationName) -> WorksRow:
    return WorksRow(
        row.ref,
        row.name,
        row.kind,
        sponsor,
        row.region,
        row.status,
        row.permit_on,
        row.starts_on,
        row.completes_on,
        row.announced_on,
        row.join_until,
        row.lacks_reserve,
        row.status == "announced" and row.join_until is not None and reader.today <= row.join_until,
    )


def works_detail(reader: Reader, ref: str) -> WorksView:
    """One project. Raises `not_found`."""
    project = found(reader, ref)
    elements, joins = elements_of(reader.session, project), joins_of(reader.session, project)
    mine = project.sponsor_id in reader.actor.subtree
    sees_all = mine or oversees(reader, project)
    known = names(reader.session, {project.sponsor_id, *(join.organisation_id for join in joins)})
    shown = [join for join in joins if sees_all or join.organisation_id in reader.actor.subtree or join.status == "passed"]
    return WorksView(
        _row(reader, project, known[project.sponsor_id]),
        project.version,
        project.description,
        project.from_m,
        project.to_m,
        project.geom,
        project.terms,
        Late(late_then(project.terms), late_text(project.terms)) if project.announced_on else None,
        project.reason,
        _elements(reader, project, elements, mine),
        lacks(reader.session, project, elements) if project.announced_on and project.status != "cancelled" else (),
        [_join(reader, project, join, known[join.organisation_id]) for join in shown],
        _affected(reader, project, elements) if mine else (),
        clocks_of(reader, SUBJECT, project.ref),
        subject_of(project, reader.actor),
        mine,
        history(reader, SUBJECT, project.ref) if sees_all else (),
    )


def oversees(reader: Reader, project: WorksProject) -> bool:
    """Whether the project lies within the reader's competence."""
    statement = select(WorksProject.id).where(WorksProject.id == project.id, competent(reader))
    return reader.session.scalar(statement) is not None


def _elements(reader: Reader, project: WorksProject, rows: Sequence[WorksElement], mine: bool) -> list[ElementView]:
    announced = project.announced_on is not None
    reserved = reserved_of(reader.session, project) if announced else {}
    ids = [row.asset_id for row in rows if row.asset_id]
    shown = select(Asset.id, Asset.ref).where(Asset.id.in_(ids if mine else []))
    refs = {row.id: row.ref for row in reader.session.execute(shown)}
    length = project.to_m - project.from_m
    return [
        ElementView(
            row.number,
            row.kind,
            row.name,
            row.from_m,
            row.to_m,
            row.level,
            row.bore_mm,
            row.capacity,
            reserved.get(row.asset_id or 0, {}) if announced else row.reserved,
            refs.get(row.asset_id or 0),
            round(100 * (row.from_m - project.from_m) / length, 2),
            round(max(100 * (row.to_m - row.from_m) / length, 0.8), 2),
        )
        for row in rows
    ]


def _join(reader: Reader, project: WorksProject, join: WorksJoin, organisation: OrganisationName) -> JoinView:
    return JoinView(
        join.number,
        organisation,
        join.status,
        join.what,
        join.elements,
        join.asked_on,
        join.answered_on,
        answer_words(join, project.terms),
        join.organisation_id == reader.actor.organisation_id,
        join.status != "passed" and join.asked_on > join.join_until and join.late_rule != NEVER,
    )


def _affected(reader: Reader, project: WorksProject, rows: Sequence[WorksElement]) -> list[AffectedView]:
    """Every claim that counts on a day before the completion."""
    claims: list[tuple[str, ClaimView]] = [
        (row.name, claim)
        for row in rows
        if row.asset_id is not None and project.status == "announced"
        for claim in too_early(reader.session, row.asset_id, project.completes_on)
    ]
    known = names(reader.session, {claim.organisation_id for _, claim in claims})
    return [
        AffectedView(
            name,
            claim.dimension,
            KIND_WORDS[claim.kind],
            claim.amount_milli,
            claim.window.start,
            known.get(claim.organisation_id or 0),
        )
        for name, claim in claims
    ]
