"""Reads of who keeps a list: who answered its invitation, what is covered where, which entries look like duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import LargeBinary, case, func, select, type_coerce

from app.accounts import Organisation, OrganisationName, names
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import within
from app.needs.keeping.models import ListInvitation, NeedMerge
from app.needs.keeping.twins import Twin, alike_in, twins_of
from app.needs.models import Need, NeedsList
from app.needs.queries import companies, round_detail
from app.needs.rounds import subject_of
from app.needs.views import RoundView
from app.needs.visibility import visible
from app.regions import region_tree

SERVED = ("served", "partly_served")


@dataclass(frozen=True, slots=True)
class InvitedRow:
    """`answer`: entered, drafting, nothing, silent."""

    organisation: OrganisationName
    answer: str
    entries: int
    invited_at: datetime
    reminders: int
    reminded_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A region directly below the list's, or the list's own for what lies in no such one. `matched`: something serves it."""

    region: str
    entries: int
    organisations: int
    matched: int
    unserved: int
    ended: int


@dataclass(frozen=True, slots=True)
class MergeRow:
    ref: str
    status: str
    leaves_ref: str
    leaves_title: str
    kept_ref: str
    kept_title: str
    leaves_by: OrganisationName
    reason: str
    answer: str | None
    proposed_at: datetime
    undone_why: str | None


@dataclass(frozen=True, slots=True)
class Workspace:
    view: RoundView
    invited: Sequence[InvitedRow]
    uninvited: Sequence[OrganisationName]
    coverage: Sequence[CoverageRow]
    twin_count: int
    twins: Sequence[Twin]
    merges: Sequence[MergeRow]

    @property
    def silent(self) -> int:
        return sum(row.answer in ("silent", "drafting") for row in self.invited)

    @property
    def empty_regions(self) -> int:
        return sum(not row.entries for row in self.coverage)


def workspace(reader: Reader, ref: str, *, tells_twins: bool = True) -> Workspace:
    """Everything of one list for who keeps it; `tells_twins`: or of what is double only how much. Raises `not_found`, `forbidden`."""
    round_ = kept_round(reader, ref)
    invited, alike = _invited(reader, round_), alike_in(reader, round_)
    known = {row.organisation.id for row in invited}
    return Workspace(
        round_detail(reader, ref),
        invited,
        [one for one in companies(reader) if one.id not in known],
        coverage_of(reader, round_),
        len(alike),
        twins_of(reader, alike) if tells_twins else (),
        merges_of(reader, round_),
    )


@dataclass(frozen=True, slots=True)
class EntryMark:
    """An entry on the map of its list, where its keeper sees it."""

    ref: str
    title: str
    kind: str
    geometry: Any
    is_served: bool


def marks_of(reader: Reader, ref: str, most: int) -> list[EntryMark]:
    """The newest entries of a list that its keeper sees, as marks."""
    round_ = kept_round(reader, ref)
    place = case((visible(reader, at_least="T2"), func.ST_AsBinary(Need.geom)), else_=func.ST_AsBinary(Need.face_geom))
    rows = reader.session.execute(
        select(Need.ref, Need.title, Need.kind, Need.status, Need.outcome, type_coerce(place, LargeBinary).label("place"))
        .where(Need.needs_list_id == round_.id, visible(reader))
        .order_by(Need.id.desc())
        .limit(most)
    ).all()
    places = shapely.from_wkb([row.place for row in rows])
    return [
        EntryMark(row.ref, row.title, row.kind, place, row.status == "matched" or row.outcome in SERVED)
        for row, place in zip(rows, places, strict=True)
    ]


def kept_round(reader: Reader, ref: str, policy: str = "needs_list.keep") -> NeedsList:
    round_ = reader.session.scalar(select(NeedsList).where(NeedsList.ref == ref))
    if round_ is None:
        raise fail("not_found")
    reader.permit(policy, subject_of(round_))
    return round_


def answers_of(reader: Reader, round_: NeedsList) -> dict[int, str]:
    """What each invited organisation answered: by its entries, else by what it said."""
    counted = reader.session.execute(
        select(Need.organisation_id, Need.status, func.count())
        .where(Need.needs_list_id == round_.id)
        .group_by(Need.organisation_id, Need.status)
    )
    states: dict[int, set[str]] = defaultdict(set)
    for number, status, _count in counted:
        states[number].add(status)
    found = {}
    for row in reader.session.scalars(select(ListInvitation).where(ListInvitation.needs_list_id == round_.id)):
        has = states[row.organisation_id]
        if has - {"draft"}:
            found[row.organisation_id] = "entered"
        elif has:
            found[row.organisation_id] = "drafting"
        else:
            found[row.organisation_id] = "nothing" if row.declined_at is not None else "silent"
    return found


def own_invitation(reader: Reader, ref: str) -> str | None:
    """What the reader's organisation answered to a list that collects, as far as it is invited; None: it is not."""
    found = (
        select(ListInvitation, NeedsList)
        .join(NeedsList, NeedsList.id == ListInvitation.needs_list_id)
        .where(NeedsList.ref == ref, ListInvitation.organisation_id == reader.actor.organisation_id, NeedsList.status == "open")
    )
    row = reader.session.execute(found).first()
    return answers_of(reader, row[1])[row[0].organisation_id] if row is not None else None


def silent_ids(reader: Reader, round_: NeedsList) -> list[int]:
    return sorted(number for number, answer in answers_of(reader, round_).items() if answer in ("silent", "drafting"))


def _invited(reader: Reader, round_: NeedsList) -> list[InvitedRow]:
    rows = list(reader.session.scalars(select(ListInvitation).where(ListInvitation.needs_list_id == round_.id)))
    known = names(reader.session, [row.organisation_id for row in rows])
    answers = answers_of(reader, round_)
    entered = select(Need.organisation_id, func.count()).where(Need.needs_list_id == round_.id, Need.status != "draft")
    counts = dict(reader.session.execute(entered.group_by(Need.organisation_id)).all())
    shown = [
        InvitedRow(
            known[row.organisation_id],
            answers[row.organisation_id],
            counts.get(row.organisation_id, 0),
            row.invited_at,
            row.reminders,
            row.reminded_at,
            row.note,
        )
        for row in rows
    ]
    order = ("silent", "drafting", "nothing", "entered")
    return sorted(shown, key=lambda row: (order.index(row.answer), row.organisation.name, row.organisation.id))


def coverage_of(reader: Reader, round_: NeedsList) -> list[CoverageRow]:
    own = reader.session.get_one(Organisation, round_.administration_id)
    tree = region_tree(get_profile(own.profile).region_tree)
    children = [region.code for region in tree.children(round_.region)] or [round_.region]
    facts = reader.session.execute(
        select(Need.region, Need.organisation_id, Need.status, Need.outcome, func.count())
        .where(Need.needs_list_id == round_.id, Need.status != "draft")
        .group_by(Need.region, Need.organisation_id, Need.status, Need.outcome)
    ).all()
    grouped: dict[str, list[tuple[int, str, str | None, int]]] = {code: [] for code in children}
    below = {
        region: next((code for code in children if within(region, frozenset({code}))), round_.region)
        for region in {row.region for row in facts}
    }
    for region, number, status, outcome, count in facts:
        grouped.setdefault(below[region], []).append((number, status, outcome, count))
    return [_covered(code, rows) for code, rows in grouped.items()]


def _covered(code: str, rows: Sequence[tuple[int, str, str | None, int]]) -> CoverageRow:
    def total(*, matched: bool = False, unserved: bool = False) -> int:
        return sum(
            count
            for _, status, outcome, count in rows
            if (matched and (status == "matched" or outcome in SERVED))
            or (unserved and status in ("submitted", "published"))
            or not (matched or unserved)
        )

    entries, matched, unserved = total(), total(matched=True), total(unserved=True)
    return CoverageRow(code, entries, len({number for number, *_ in rows}), matched, unserved, entries - matched - unserved)


def merges_of(reader: Reader, round_: NeedsList) -> list[MergeRow]:
    """Every merge of a list, newest first."""
    found = (
        select(NeedMerge, Need)
        .join(Need, Need.id == NeedMerge.need_id)
        .where(Need.needs_list_id == round_.id)
        .order_by(NeedMerge.id.desc())
    )
    rows = list(reader.session.execute(found))
    kept = {need.id: need for need in reader.session.scalars(select(Need).where(Need.id.in_([m.into_id for m, _ in rows])))}
    known = names(reader.session, {need.organisation_id for _, need in rows})
    return [merge_row(row, need, kept[row.into_id], known[need.organisation_id]) for row, need in rows]


def merge_row(row: NeedMerge, need: Need, kept: Need, by: OrganisationName) -> MergeRow:
    return MergeRow(
        row.ref,
        row.status,
        need.ref,
        need.title,
        kept.ref,
        kept.title,
        by,
        row.reason,
        row.answer,
        row.proposed_at,
        row.undone_why,
    )
