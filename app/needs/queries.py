"""Reads of needs lists and entries. Every entry passes visibility; nothing is counted that the viewer may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.accounts import Organisation, OrganisationName, all_organisations, names
from app.audit import HistoryRow, history
from app.db.containment import region_within
from app.db.paging import seek
from app.db.spatial import bbox
from app.db.words import contains_words
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.needs.entering import open_to_reader
from app.needs.models import Bundle, Need, NeedsList
from app.needs.rules import OPEN_STATES
from app.needs.views import NeedView, RoundView
from app.needs.visibility import own, subject_of, tier_seen, visible

SORTS: dict[str, tuple[Any, bool]] = {
    "newest": (Need.id, True),
    "title": (Need.title, False),
    "-title": (Need.title, True),
    "start": (Need.window_start, False),
    "-start": (Need.window_start, True),
}


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """What to list. `mine`: own entries only. `box`: west, south, east, north. `region`: contained by code."""

    q: str | None = None
    kind: str | None = None
    region: str | None = None
    status: str | None = None
    outcome: str | None = None
    round_ref: str | None = None
    priority: str | None = None
    mine: bool = False
    box: tuple[float, float, float, float] | None = None
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of entries with the keys of its ends (None: nothing more that way)."""

    results: Sequence[NeedView]
    count: int
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


def need_list(
    reader: Reader,
    wanted: NeedFilter,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """The entries that the actor may see, filtered and paged."""
    reader.permit("need.list")
    condition = _conditions(reader, wanted)
    count = reader.session.scalar(select(func.count()).select_from(Need).where(*condition)) or 0
    if wanted.sort not in SORTS:
        raise fail("malformed")
    column, descending = SORTS[wanted.sort]
    order = [(column, descending)] if column is Need.id else [(column, descending), (Need.id, False)]
    backwards = before is not None
    statement = seek(
        select(Need).where(*condition), order, _key(before if backwards else after, column), limit, reverse=backwards
    )
    rows = list(reader.session.scalars(statement))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    views = _views(reader, rows)

    def key(need: Need) -> tuple[Any, ...]:
        return tuple(
            value.isoformat() if isinstance(value, date) else value for value in (getattr(need, c.key) for c, _ in order)
        )

    has_next, has_previous = (True, more) if backwards else (more, after is not None)
    return Found(views, count, key(rows[-1]) if rows and has_next else None, key(rows[0]) if rows and has_previous else None)


def _key(given: tuple[Any, ...] | None, column: Any) -> tuple[Any, ...] | None:
    if given is None or column is not Need.window_start:
        return given
    return (date.fromisoformat(given[0]), *given[1:])


def _conditions(reader: Reader, wanted: NeedFilter) -> list[Any]:
    found: list[Any] = [visible(reader)]
    if wanted.mine:
        found.append(own(reader))
    if wanted.q:
        number = and_(contains_words(Need.owner_ref, wanted.q), visible(reader, at_least="T3"))
        found.append(or_(contains_words(Need.title, wanted.q), number, Need.ref == wanted.q.strip().lower()))
    for column, value in ((Need.kind, wanted.kind), (Need.outcome, wanted.outcome), (Need.priority, wanted.priority)):
        if value:
            found.append(column == value)
    if wanted.status:
        found.append(Need.status.in_(OPEN_STATES) if wanted.status == "open" else Need.status == wanted.status)
    if wanted.region:
        found.append(_by_face(reader, region_within(Need.region, wanted.region), region_within(Need.face_region, wanted.region)))
    if wanted.round_ref:
        found.append(Need.needs_list_id.in_(select(NeedsList.id).where(NeedsList.ref == wanted.round_ref)))
    if wanted.box:
        found.append(_by_face(reader, bbox(Need.geom, *wanted.box), bbox(Need.face_geom, *wanted.box)))
    return found


def _by_face(reader: Reader, exact: ColumnElement[bool], approximate: ColumnElement[bool]) -> ColumnElement[bool]:
    """The exact place answers to who sees it exactly, to others the approximate one: narrowing a search finds nothing hidden."""
    seen = visible(reader, at_least="T2")
    return or_(and_(seen, exact), and_(~seen, approximate))


def need_detail(reader: Reader, ref: str) -> NeedView:
    """One entry as the actor may see it, or `not_found`."""
    reader.permit("need.view")
    need = reader.session.scalar(select(Need).where(Need.ref == ref))
    views = _views(reader, [need]) if need is not None else []
    if not views:
        raise fail("not_found")
    return views[0]


def need_history(reader: Reader, ref: str) -> list[HistoryRow]:
    """Every change of the entry, for who sees all of it."""
    if not need_detail(reader, ref).is_internal:
        raise fail("not_found")
    return history(reader, "need", ref)


def bundle_needs(reader: Reader, ref: str) -> list[NeedView]:
    """The entries of a bundle that the actor may see, in the order in which they were written."""
    rows = reader.session.scalars(
        select(Need).join(Bundle, Bundle.id == Need.bundle_id).where(Bundle.ref == ref, visible(reader)).order_by(Need.id)
    )
    return _views(reader, rows.all())


def needs_by_ids(reader: Reader, ids: Sequence[int]) -> dict[int, NeedView]:
    """The entries among `ids` that the actor may see."""
    rows = reader.session.scalars(select(Need).where(Need.id.in_(ids))).all()
    return {view.id: view for view in _views(reader, rows)}


def _views(reader: Reader, rows: Sequence[Need]) -> list[NeedView]:
    session = reader.session
    organisations = names(session, {row.organisation_id for row in rows})
    rounds = {r.id: r for r in session.scalars(select(NeedsList).where(NeedsList.id.in_({row.needs_list_id for row in rows})))}
    bundles = {
        b.id: b for b in session.scalars(select(Bundle).where(Bundle.id.in_({row.bundle_id for row in rows if row.bundle_id})))
    }
    linked = {i for row in rows for i in (row.merged_into_id, row.carried_from_id) if i}
    refs = dict(session.execute(select(Need.id, Need.ref).where(Need.id.in_(linked))).all()) if linked else {}
    found = []
    for row in rows:
        seen = tier_seen(reader, row, organisations[row.organisation_id].sector)
        if seen is not None:
            found.append(
                _view(
                    row,
                    seen,
                    organisations[row.organisation_id],
                    rounds[row.needs_list_id],
                    bundles.get(row.bundle_id or 0),
                    refs,
                )
            )
    return found


def _view(
    row: Need,
    seen: str,
    organisation: OrganisationName,
    round_: NeedsList,
    bundle: Bundle | None,
    refs: dict[int, str],
) -> NeedView:
    exact = seen != "T1"
    details: dict[str, Any] = (
        {}
        if seen != "T3"
        else {
            "budget_minor": row.budget_minor,
            "alternative": row.alternative,
            "note": row.note,
            "owner_ref": row.owner_ref,
            "latest_start": row.latest_start,
            "minimum_term_months": row.minimum_term_months,
            "outcome_reason": row.outcome_reason,
            "merged_into_ref": refs.get(row.merged_into_id or 0),
            "carried_from_ref": refs.get(row.carried_from_id or 0),
            "bundle_ref": bundle.ref if bundle else None,
            "bundle_name": bundle.name if bundle else None,
            "provenance": row.provenance,
            "declared_crs": row.declared_crs,
            "assumed": tuple(row.assumed),
            "accepts_cobuild": row.accepts_cobuild,
            "divisible": row.divisible,
            "tier": row.tier,
        }
    )
    return NeedView(
        id=row.id,
        ref=row.ref,
        title=row.title,
        kind=row.kind,
        region=row.region if exact else row.face_region or "",
        shape=row.shape,
        geometry=row.geom if exact else row.face_geom,
        radius_m=row.radius_m,
        window_start=row.window_start,
        window_end=row.window_end,
        status=row.status,
        outcome=row.outcome,
        priority=row.priority,
        purpose=row.purpose,
        submitted_on=row.submitted_on,
        tier_seen=seen,
        organisation=organisation,
        round_ref=round_.ref,
        round_name=round_.name,
        round_name_zh=round_.name_zh,
        round_opens_on=round_.opens_on,
        round_closes_on=round_.closes_on,
        version=row.version,
        quantity=row.quantity,
        quantity_outstanding=row.quantity_outstanding,
        created_at=row.created_at,
        updated_at=row.updated_at,
        currency=row.currency,
        subject=subject_of(row),
        requirements=dict(row.requirements),
        **details,
    )


def round_list(reader: Reader, region: str | None = None, status: str | None = None) -> list[RoundView]:
    """All needs lists, newest first."""
    reader.permit("needs_list.list")
    statement = select(NeedsList).order_by(NeedsList.opens_on.desc(), NeedsList.id.desc())
    if region:
        statement = statement.where(region_within(NeedsList.region, region))
    if status:
        statement = statement.where(NeedsList.status == status)
    return _rounds(reader, reader.session.scalars(statement).all())


def collecting_rounds(reader: Reader) -> list[RoundView]:
    """The lists that take entries today, of the reader's organisation."""
    return [r for r in round_list(reader, status="open") if r.collecting and r.open_to_reader]


def round_detail(reader: Reader, ref: str) -> RoundView:
    reader.permit("needs_list.view")
    row = reader.session.scalar(select(NeedsList).where(NeedsList.ref == ref))
    if row is None:
        raise fail("not_found")
    return _rounds(reader, [row])[0]


def _rounds(reader: Reader, rows: Sequence[NeedsList]) -> list[RoundView]:
    if not rows:  # SQLite would look at every entry to count those of no list
        return []
    keepers = names(reader.session, {row.administration_id for row in rows})
    counted: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    statement = (
        select(Need.needs_list_id, Need.status, Need.outcome, func.count())
        .where(Need.needs_list_id.in_(counted), visible(reader))
        .group_by(Need.needs_list_id, Need.status, Need.outcome)
    )
    for round_id, status, outcome, number in reader.session.execute(statement):
        for key in ("all", status, outcome):
            if key:
                counted[round_id][key] = counted[round_id].get(key, 0) + number
    open_ids = open_to_reader(reader, rows)
    return [
        RoundView(
            ref=row.ref,
            name=row.name,
            name_zh=row.name_zh,
            region=row.region,
            opens_on=row.opens_on,
            closes_on=row.closes_on,
            status=row.status,
            version=row.version,
            administration=keepers[row.administration_id],
            collecting=row.status == "open" and row.opens_on <= reader.today < row.closes_on,
            subject=Subject(region=row.region, status=row.status),
            terms=row.terms,
            open_to_reader=row.id in open_ids,
            counts=counted[row.id],
        )
        for row in rows
    ]


def companies(reader: Reader) -> list[OrganisationName]:
    """Whom a list may invite."""
    return [one for one in all_organisations(reader.session) if one.kind == "company"]


def own_profile(reader: Reader) -> str:
    """The jurisdiction profile of the organisation acted for."""
    found = reader.session.get(Organisation, reader.actor.organisation_id) if reader.actor.organisation_id is not None else None
    if found is None:
        raise fail("forbidden")
    return found.profile
