"""Groups as people see them: a member before all consent only its own part, the administration everything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.accounts import OrganisationName, names
from app.db.containment import region_within_any
from app.db.work import Reader
from app.disclosure import anchor, cell_bounds
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.listings import Listing
from app.matching.cobuilding.models import CobuildConsent, CobuildExemption, CobuildGroup, CobuildMember
from app.matching.cobuilding.rules import is_open_to_members
from app.needs import Need

MOST = 500


@dataclass(frozen=True, slots=True)
class MemberView:
    """A need's part in a group, as its own organisation, the administration, or (once all consented) the other members see it."""

    need_ref: str
    title: str
    organisation: OrganisationName
    own: bool
    consented: bool
    alone_minor: int
    alone_stated: bool
    share_minor: int
    proportion_minor: int
    geometry: Any
    way_m: float | None

    @property
    def gain_minor(self) -> int:
        return self.alone_minor - self.share_minor

    @property
    def proportion_gain_minor(self) -> int:
        return self.alone_minor - self.proportion_minor


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section of a joint trench: where it runs, along which corridor (None: over open ground), and whose ducts lie in it."""

    line: tuple[tuple[float, float], ...]
    length_m: float
    corridor: str | None
    need_refs: tuple[str, ...]

    @property
    def shared(self) -> bool:
        return len(self.need_refs) > 1


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a group only by the administration and, once all consented, by its members."""

    lon: float
    lat: float
    height_m: float | None  # of a tower
    length_m: float | None  # of a trench
    sections: tuple[SectionView, ...]
    start_from: date
    start_until: date
    cost_minor: int
    core_excess_minor: int


@dataclass(frozen=True, slots=True)
class NearView:
    """An existing tower too near to the site (administration only)."""

    listing_ref: str
    title: str
    distance_m: float
    rule_m: int


@dataclass(frozen=True, slots=True)
class ExemptionView:
    """A case of exemption from the same-place rule; `requested_by` None: the administration's own."""

    status: str
    requested_by: OrganisationName | None
    requested_at: datetime
    grounds: str
    decided_at: datetime | None
    decision_reason: str | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """`cell`: of the viewer's own need (west, south, east, north), or of the site for who sees it. `members`: those that the viewer
    may see. `opened` is None for a member before all have consented."""

    ref: str
    form: str
    kind: str
    region: str
    status: str
    currency: str
    needs: int
    organisations: int
    cell: tuple[float, float, float, float]
    members: tuple[MemberView, ...]
    opened: Opened | None
    consented: bool
    exempted: str | None
    near: tuple[NearView, ...]
    near_count: int  # towers too near; 0 for a member before all have consented
    exemptions: tuple[ExemptionView, ...]
    created_at: datetime
    subject: Subject
    watched: bool  # seen as the administration sees it

    @property
    def may_request(self) -> bool:
        """Whether an exemption is lacking and nobody has asked for it yet."""
        waiting = any(case.status == "requested" for case in self.exemptions)
        return bool(self.near_count and self.own) and self.exempted is None and not waiting

    @property
    def own(self) -> tuple[MemberView, ...]:
        return tuple(member for member in self.members if member.own)

    @property
    def gain_minor(self) -> int:
        """Of the members shown, all together."""
        return sum(member.gain_minor for member in self.members)

    @property
    def own_gain_minor(self) -> int:
        return sum(member.gain_minor for member in self.own)


def group_detail(reader: Reader, ref: str) -> GroupView:
    """One group as the actor may see it, or `not_found`."""
    found = group_views(reader, select(CobuildGroup).where(CobuildGroup.ref == ref))
    if not found:
        raise fail("not_found")
    return found[0]


def own_groups(reader: Reader, limit: int = MOST) -> list[GroupView]:
    """The groups that the actor's needs are in, newest first, without those that no longer hold."""
    reader.permit("cobuild.list")
    mine = select(CobuildMember.group_id).where(CobuildMember.organisation_id.in_(reader.actor.subtree))
    wanted = select(CobuildGroup).where(CobuildGroup.id.in_(mine), CobuildGroup.status != "superseded")
    return group_views(reader, wanted.order_by(CobuildGroup.id.desc()).limit(limit))


def groups_of_need(reader: Reader, need_ref: str) -> list[GroupView]:
    """The groups of one need, as far as the actor may see them."""
    mine = select(CobuildMember.group_id).join(Need, Need.id == CobuildMember.need_id).where(Need.ref == need_ref)
    wanted = select(CobuildGroup).where(CobuildGroup.id.in_(mine), CobuildGroup.status != "superseded")
    return group_views(reader, wanted.order_by(CobuildGroup.id))


def watched_groups(reader: Reader, limit: int = MOST) -> list[GroupView]:
    """The groups of the regions that the actor watches over, by saving: the API's list for an administration."""
    reader.permit("cobuild.gaps")
    wanted = select(CobuildGroup).where(CobuildGroup.status != "superseded")
    regions = regions_watched(reader)
    if regions:
        wanted = wanted.where(region_within_any(CobuildGroup.region, regions))
    return group_views(reader, wanted.order_by(CobuildGroup.id.desc()).limit(limit))


def regions_watched(reader: Reader) -> frozenset[str]:
    """Those of the actor's communications competences; empty: everywhere (an evaluator)."""
    return frozenset(r for c in reader.actor.competences if c.authority == "communications" for r in c.regions)


def watches(reader: Reader, region: str) -> bool:
    return _allowed(reader, "cobuild.gaps", Subject(region=region))


def _allowed(reader: Reader, policy: str, subject: Subject) -> bool:
    try:
        reader.permit(policy, subject)
    except Exception as refused:
        if getattr(refused, "code", None) in ("not_found", "forbidden", "sign_in_required", "illegal_transition"):
            return False
        raise
    return True


def group_views(reader: Reader, wanted: Any) -> list[GroupView]:
    groups = list(reader.session.scalars(wanted))
    ids = [group.id for group in groups]
    rows = reader.session.execute(
        select(CobuildMember, Need.ref, Need.title, Need.geom, Need.radius_m)
        .join(Need, Need.id == CobuildMember.need_id)
        .where(CobuildMember.group_id.in_(ids))
        .order_by(CobuildMember.need_id)
    ).all()
    by_group: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_group[row.CobuildMember.group_id].append(row)
    given = reader.session.execute(
        select(CobuildConsent.group_id, CobuildConsent.organisation_id).where(
            CobuildConsent.group_id.in_(ids), CobuildConsent.withdrawn_at.is_(None)
        )
    )
    consents = {(group, organisation) for group, organisation in given}
    cases = defaultdict(list)
    for case in reader.session.scalars(
        select(CobuildExemption).where(CobuildExemption.group_id.in_(ids)).order_by(CobuildExemption.id)
    ):
        cases[case.group_id].append(case)
    askers = {case.requested_by for found in cases.values() for case in found if case.requested_by is not None}
    known = names(reader.session, {row.CobuildMember.organisation_id for row in rows} | askers)
    listings = _near_listings(reader, groups)
    seen = [_view(reader, group, by_group[group.id], cases[group.id], consents, known, listings) for group in groups]
    return [view for view in seen if view is not None]


def _view(
    reader: Reader,
    group: CobuildGroup,
    rows: Sequence[Any],
    cases: Sequence[CobuildExemption],
    consents: set[tuple[int, int]],
    known: dict[int, OrganisationName],
    listings: dict[int, Any],
) -> GroupView | None:
    """The group as the actor may see it; None where it may not at all. A superseded group is nobody's but the administration's."""
    organisations = {row.CobuildMember.organisation_id for row in rows}
    own = organisations & reader.actor.subtree
    watched = reader.actor.is_system or watches(reader, group.region)
    if not watched and (not own or group.status == "superseded"):
        return None
    opened = watched or is_open_to_members(group.status)
    members = tuple(
        _member(row, known, own, (group.id, row.CobuildMember.organisation_id) in consents or group.status == "agreed")
        for row in rows
        if opened or row.CobuildMember.organisation_id in own
    )
    place = (group.lon, group.lat) if opened else anchor(members[0].geometry)
    return GroupView(
        ref=group.ref,
        form=group.form,
        kind=group.kind,
        region=group.region,
        status=group.status,
        currency=group.currency,
        needs=len(rows),
        organisations=len(organisations),
        cell=cell_bounds(*place),
        members=members,
        opened=_opened(group, {row.CobuildMember.need_id: row.ref for row in rows}) if opened else None,
        consented=bool(own) and all((group.id, organisation) in consents for organisation in own),
        exempted=group.exemption_reason if opened else None,
        near=tuple(_near(near, listings) for near in group.near if near["listing_id"] in listings) if watched else (),
        near_count=len(group.near) if opened else 0,
        exemptions=tuple(_case(case, known) for case in cases) if opened else (),
        created_at=group.created_at,
        subject=Subject(requester_id=min(own, default=None), region=group.region, status=group.status),
        watched=watched,
    )


def _opened(group: CobuildGroup, refs: dict[int, str]) -> Opened:
    sections = tuple(
        SectionView(tuple((x, y) for x, y in s["line"]), s["length_m"], s["corridor"], tuple(refs[need] for need in s["needs"]))
        for s in group.sections
    )
    return Opened(
        group.lon, group.lat, None if group.form == "trench" else group.height_m, group.length_m, sections,
        group.start_from, group.start_until, group.cost_minor,
        group.core_excess_minor,
    )  # fmt: skip


def _member(row: Any, known: dict[int, OrganisationName], own: set[int], consented: bool) -> MemberView:
    member = row.CobuildMember
    return MemberView(
        need_ref=row.ref,
        title=row.title,
        organisation=known[member.organisation_id],
        own=member.organisation_id in own,
        consented=consented,
        alone_minor=member.alone_minor,
        alone_stated=member.alone_stated,
        share_minor=member.share_minor,
        proportion_minor=member.proportion_minor,
        geometry=row.geom,
        way_m=member.way_m,
    )


def _case(case: CobuildExemption, known: dict[int, OrganisationName]) -> ExemptionView:
    who = None if case.requested_by is None else known[case.requested_by]
    return ExemptionView(case.status, who, case.requested_at, case.grounds, case.decided_at, case.decision_reason)


def _near_listings(reader: Reader, groups: Sequence[CobuildGroup]) -> dict[int, Any]:
    ids = {near["listing_id"] for group in groups for near in group.near}
    rows = reader.session.execute(select(Listing.id, Listing.ref, Listing.title).where(Listing.id.in_(ids))).all()
    return {row.id: row for row in rows}


def _near(near: dict[str, Any], listings: dict[int, Any]) -> NearView:
    listing = listings[near["listing_id"]]
    return NearView(listing.ref, listing.title, near["distance_m"], near["rule_m"])
