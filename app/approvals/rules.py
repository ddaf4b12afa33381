"""Who is competent: which regulators an agreement must go to, and in which mode each acts (product.md, Who is competent).

Pure. No competent regulator means refusal with that reason, never approval by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from app.catalogue.profiles import Mode, Profile
from app.catalogue.regions import LEVELS, ancestor_at
from app.catalogue.sectors import SECTORS
from app.kernel.actor import Competence
from app.kernel.errors import declare, fail
from app.kernel.permission import within
from app.kernel.text import Text

_STRENGTH: dict[Mode, int] = {"decide": 0, "consult": 1, "file": 2}
_CAPACITIES = {
    "communications": Text("communications administration", "通信管理部门"),
    "owner_sector": Text("regulator of the owner's sector ({sector})", "权属单位所属行业（{sector}）主管部门"),
    "host_sector": Text("regulator of the host's sector ({sector})", "承载设施所属行业（{sector}）主管部门"),
    "requester_sector": Text("regulator of the requester's sector ({sector})", "申请方所属行业（{sector}）主管部门"),
    "public_security": Text("public security, because of the asset's grade", "公安机关（因设施分级）"),
}
_ESCALATED = Text(" (next level up: the regulator below is itself a party)", "（下级主管部门为当事方，移送上一级）")

declare(
    "no_competent_regulator",
    HTTPStatus.CONFLICT,
    "This cannot be submitted: no {capacity} in {region} is registered here.",
    "无法提交：平台上没有登记 {region} 的{capacity}。",
)


@dataclass(frozen=True, slots=True)
class Required:
    """One regulator that must act, once, whatever the number of its capacities and regions. `authority`: the capacity that asks
    most of it; `region`: the first touched region that brings it in; `regions`: all of them. `four_eyes`: one person proposes its decision
    and another confirms it; nobody decides alone in one capacity what takes two in another."""

    regulator_org_id: int
    authority: str
    region: str
    mode: Mode
    reason: Text
    regions: tuple[str, ...]
    four_eyes: bool = True


@dataclass(frozen=True, slots=True)
class _Capacity:
    """A role that some regulator must fill in every touched region."""

    name: str
    authority: str  # of the competence: communications, sector
    sector: str
    mode: Mode
    four_eyes: bool

    @property
    def words(self) -> Text:
        return _CAPACITIES[self.name].format(sector=SECTORS[self.sector].label)


def competent(
    profile: Profile,
    regions_touched: Iterable[str],
    owner_sectors: Iterable[str],
    requester_sector: str,
    host_sectors: Iterable[str],
    grade: str,
    competences: Iterable[Competence],
    party_ids: Iterable[int],
    host_kinds: Iterable[str] = (),
    region_names: Mapping[str, Text] | None = None,
) -> tuple[Required, ...]:
    """Every regulator that must act on an agreement, strongest mode first, then by region and organisation.

    `owner_sectors`: of everybody whose assets its lines supply; in a barter that is both parties. A competence limited to kinds of
    host fills the host's capacity only, and only for those kinds. A regulator that is itself a party is passed over
    for the next level up. `region_names`: how reasons call the regions, else by code. Raises
    `no_competent_regulator` when a capacity stays empty in any touched region."""
    held, parties, kinds = tuple(competences), frozenset(party_ids), frozenset(host_kinds)
    regions = sorted({ancestor_at(region, profile.competent_level, profile.levels) for region in regions_touched})
    capacities = tuple(_capacities(profile, sorted(set(owner_sectors)), requester_sector, sorted(set(host_sectors)), grade))
    if not regions or not capacities:
        raise fail("no_competent_regulator", capacity=_CAPACITIES["communications"], region=", ".join(regions) or "–")
    names = {region: Text(region, region) for region in regions} | dict(region_names or {})
    found = [
        Required(org, capacity.name, region, capacity.mode, reason, (region,), capacity.four_eyes)
        for region in regions
        for capacity in capacities
        for org, reason in _fill(profile, capacity, region, names[region], held, parties, kinds)
    ]
    return _merge(found)


def _capacities(profile: Profile, owners: Iterable[str], requester: str, hosts: Iterable[str], grade: str) -> Iterator[_Capacity]:
    """The capacities that this profile asks for, each sector's where the sector has a regulator of its own."""
    wanted = [("communications", "telecom"), *(("owner_sector", sector) for sector in owners), ("requester_sector", requester)]
    wanted += [("host_sector", sector) for sector in hosts]
    if grade in profile.public_security_grades:
        wanted.append(("public_security", "public_security"))
    for name, sector in wanted:
        rule = profile.authority(name)
        if rule is None or sector not in profile.regulated_sectors:
            continue
        # telecommunications are the administration's own sector
        authority = "communications" if sector == "telecom" else "sector"
        yield _Capacity(name, authority, sector, rule.mode, rule.four_eyes and rule.mode == "decide")


def _fill(
    profile: Profile,
    capacity: _Capacity,
    region: str,
    name: Text,
    held: tuple[Competence, ...],
    parties: frozenset[int],
    kinds: frozenset[str],
) -> Iterator[tuple[int, Text]]:
    """The regulators that fill `capacity` for `region`: at the competent level, or above it when those there are parties."""
    reason = Text("{capacity}, {region}", "{region}{capacity}").format(capacity=capacity.words, region=name)
    for level in _upwards(profile.competent_level):
        there = {c.organisation_id for c in held if c.level == level and _fits(c, capacity, region, kinds)}
        if there - parties:
            return iter([(org, reason) for org in sorted(there - parties)])
        if not there and level == profile.competent_level:
            break  # nobody there: a gap in the register, which no higher level fills silently
        if there:
            reason = Text(reason.en + _ESCALATED.en, reason.zh + _ESCALATED.zh)
    raise fail("no_competent_regulator", capacity=capacity.words, region=name)


def next_up(held: Iterable[Competence], below: int, region: str, taken: frozenset[int]) -> int | None:
    """The nearest regulator above `below` for the region, of the same authority and a sector of its; none of `taken`. None: there
    is none."""
    every = [c for c in held if c.regions and within(region, c.regions)]
    own = [c for c in every if c.organisation_id == below]
    found = [
        (LEVELS.index(c.level), c.organisation_id)
        for c in every
        for mine in own
        if c.organisation_id not in taken
        and c.authority == mine.authority
        and LEVELS.index(c.level) < LEVELS.index(mine.level)
        and (c.authority == "communications" or c.sectors & mine.sectors)
    ]
    return max(found, key=lambda one: (one[0], -one[1]))[1] if found else None


def _upwards(level: str) -> tuple[str, ...]:
    """`level` and those above it, nearest first."""
    return LEVELS[: LEVELS.index(level) + 1][::-1]


def _fits(held: Competence, capacity: _Capacity, region: str, kinds: frozenset[str]) -> bool:
    if held.authority != capacity.authority or not held.regions or not within(region, held.regions):
        return False
    if capacity.authority == "sector" and capacity.sector not in held.sectors:
        return False
    if held.host_kinds:
        return capacity.name == "host_sector" and bool(held.host_kinds & kinds)
    return True


def _merge(found: Iterable[Required]) -> tuple[Required, ...]:
    """One entry per regulator: its strongest mode, all its regions, all its reasons."""
    grouped: dict[int, list[Required]] = {}
    for one in found:
        grouped.setdefault(one.regulator_org_id, []).append(one)
    merged = [_united(sorted(group, key=lambda one: _STRENGTH[one.mode])) for group in grouped.values()]
    return tuple(sorted(merged, key=lambda one: (_STRENGTH[one.mode], one.region, one.regulator_org_id)))


def _united(group: list[Required]) -> Required:
    first = group[0]
    reasons = list(dict.fromkeys(one.reason for one in group))
    reason = Text("; ".join(r.en for r in reasons), "；".join(r.zh for r in reasons))
    regions = tuple(sorted({one.region for one in group}))
    return Required(
        first.regulator_org_id, first.authority, regions[0], first.mode, reason, regions, any(one.four_eyes for one in group)
    )
