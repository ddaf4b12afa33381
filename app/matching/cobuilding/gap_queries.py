"""The administration's gap map: what is unserved in its regions, the groups for it, and what the last reckoning said of each market.

Both lists are filtered, sorted and paged in the database. The map's marks are MOST_MARKS at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from app.db.containment import region_within_any
from app.db.jobs import under_way
from app.db.words import contains_words
from app.db.work import Reader
from app.matching.cobuilding.models import CobuildGroup, CobuildMember, CobuildRun
from app.matching.cobuilding.queries import GroupView, group_views, regions_watched, watches
from app.needs import Found, Need, NeedFilter, NeedsList, need_list

MOST_MARKS = 1000
SAVED = (
    select(func.sum(CobuildMember.alone_minor) - func.sum(CobuildMember.share_minor))
    .where(CobuildMember.group_id == CobuildGroup.id)
    .scalar_subquery()
)
SIZE = select(func.count()).where(CobuildMember.group_id == CobuildGroup.id).scalar_subquery()
ORDERS: dict[str, Any] = {
    "saved": SAVED.asc(),
    "-saved": SAVED.desc(),
    "cost": CobuildGroup.cost_minor.asc(),
    "-cost": CobuildGroup.cost_minor.desc(),
    "needs": SIZE.asc(),
    "-needs": SIZE.desc(),
    "start": CobuildGroup.start_from.asc(),
    "-start": CobuildGroup.start_from.desc(),
}


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """What groups to list. `list_ref`: with a need of that needs list. `q`: in the title of a member's need."""

    list_ref: str | None = None
    form: str | None = None
    status: str | None = None
    q: str | None = None
    sort: str = "-saved"


@dataclass(frozen=True, slots=True)
class GroupMark:
    """A group on the map. `lines`: of a trench."""

    ref: str
    kind: str
    lon: float
    lat: float
    lines: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """`results`: a row for each market in the actor's regions. `under_way`: the groups are being reckoned anew."""

    computed_at: datetime | None
    results: tuple[dict[str, Any], ...]
    under_way: bool


def last_reckoning(reader: Reader) -> Reckoned:
    reader.permit("cobuild.gaps")
    run = reader.session.scalar(select(CobuildRun).order_by(CobuildRun.id.desc()).limit(1))
    coming = under_way(reader.session, "cobuild.reckon")
    if run is None:
        return Reckoned(None, (), coming)
    return Reckoned(run.computed_at, tuple(r for r in run.results if watches(reader, r["region"])), coming)


def gap_groups(reader: Reader, wanted: GroupFilter, limit: int, offset: int = 0) -> tuple[list[GroupView], int]:
    """A page of the groups that stand, and how many there are."""
    reader.permit("cobuild.gaps")
    standing = _standing(reader, wanted)
    count = reader.session.scalar(select(func.count()).select_from(standing.subquery())) or 0
    order = ORDERS.get(wanted.sort, ORDERS["-saved"])
    return group_views(reader, standing.order_by(order, CobuildGroup.id).limit(limit).offset(offset)), count


def group_marks(reader: Reader, wanted: GroupFilter) -> list[GroupMark]:
    reader.permit("cobuild.gaps")
    chosen = _standing(reader, wanted).with_only_columns(
        CobuildGroup.ref, CobuildGroup.kind, CobuildGroup.lon, CobuildGroup.lat, CobuildGroup.sections
    )
    rows = reader.session.execute(chosen.order_by(CobuildGroup.id.desc()).limit(MOST_MARKS)).all()
    return [GroupMark(r.ref, r.kind, r.lon, r.lat, tuple(tuple((x, y) for x, y in s["line"]) for s in r.sections)) for r in rows]


def unserved(
    reader: Reader, wanted: NeedFilter, limit: int, after: tuple[Any, ...] | None = None, before: tuple[Any, ...] | None = None
) -> Found:
    """A page of the published needs that nothing serves."""
    reader.permit("cobuild.gaps")
    return need_list(reader, wanted, limit, after, before)


def groups_by_need(reader: Reader, need_refs: list[str]) -> dict[str, tuple[str, str]]:
    """Of needs that are in a group: its reference and its state."""
    reader.permit("cobuild.gaps")
    rows = reader.session.execute(
        select(Need.ref, CobuildGroup.ref.label("group"), CobuildGroup.status, CobuildGroup.region)
        .join(CobuildMember, CobuildMember.need_id == Need.id)
        .join(CobuildGroup, CobuildGroup.id == CobuildMember.group_id)
        .where(Need.ref.in_(need_refs), CobuildGroup.status != "superseded")
        .order_by(CobuildGroup.id)
    )
    return {row.ref: (row.group, row.status) for row in rows if watches(reader, row.region)}


def _standing(reader: Reader, wanted: GroupFilter) -> Any:
    conditions: list[ColumnElement[bool]] = [CobuildGroup.status != "superseded"]
    if regions := regions_watched(reader):
        conditions.append(region_within_any(CobuildGroup.region, regions))
    if wanted.form:
        conditions.append(CobuildGroup.form == wanted.form)
    if wanted.status:
        conditions.append(CobuildGroup.status == wanted.status)
    inside = exists().where(CobuildMember.group_id == CobuildGroup.id, CobuildMember.need_id == Need.id)
    if wanted.list_ref:
        listed = select(NeedsList.id).where(NeedsList.ref == wanted.list_ref).scalar_subquery()
        conditions.append(inside.where(Need.needs_list_id == listed))
    if wanted.q:
        conditions.append(inside.where(contains_words(Need.title, wanted.q)))
    return select(CobuildGroup).where(*conditions)
