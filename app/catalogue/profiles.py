"""Jurisdiction profiles: which kinds, clocks, refusal grounds, clearances, competences and rent rules hold where.

A profile is a TOML file beside this module; every clause names its source, a citation or `proposal`. Nothing legal is decided in
code.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from app.catalogue.together import Together
from app.catalogue.works_terms import WorksRule
from app.kernel.errors import declare, fail
from app.kernel.text import Text
from app.kernel.workcalendar import Unit

Mode = Literal["decide", "consult", "file"]
AUTHORITIES = ("communications", "owner_sector", "host_sector", "requester_sector", "public_security")
FAIRNESS = ("universal_service", "emergency", "earlier_first")
MOST_FAIRNESS_POINTS = 100  # of all terms together: as many as a perfect pair earns
MOST_FAIRNESS_TIMES = 100
FOLDER = Path(__file__).parent / "profiles"
PROPOSAL = "proposal"

declare(
    "unknown_profile",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "There is no jurisdiction profile “{profile}”.",
    "没有名为“{profile}”的辖区配置。",
)
declare(
    "unknown_refusal_ground",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "“{ground}” is not a ground on which access may be refused here. The grounds: {grounds}.",
    "“{ground}”不在可拒绝共享的法定理由之列。可用理由：{grounds}。",
)
declare(
    "refusal_evidence_missing",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "A refusal on this ground needs its evidence: {evidence}.",
    "以此理由拒绝须附证据：{evidence}。",
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a clause comes from. `note`: what a citation does not say by itself, or what a proposal leans on."""

    citation: str
    note: Text | None = None
    citation_zh: str = ""  # empty: cited in its own words

    @property
    def is_proposal(self) -> bool:
        return self.citation == PROPOSAL

    @property
    def text(self) -> Text:
        return Text("proposal", "建议值") if self.is_proposal else Text(self.citation, self.citation_zh or self.citation)


@dataclass(frozen=True, slots=True)
class Authority:
    """In which mode the regulator acts that is competent in this capacity (product.md, Who is competent). `four_eyes`: one person
    proposes its decision and another confirms it."""

    capacity: str
    mode: Mode
    source: Source
    four_eyes: bool = True


@dataclass(frozen=True, slots=True)
class Clearance:
    """Distance kept below the lowest conductor, for lines up to `up_to_kv`."""

    up_to_kv: Decimal
    clearance_m: Decimal
    source: Source


@dataclass(frozen=True, slots=True)
class SamePlace:
    """A new structure nearer than `distance_m` to one that could serve needs a recorded exemption."""

    setting: Literal["built_up", "elsewhere"]
    distance_m: int
    source: Source


@dataclass(frozen=True, slots=True)
class Evidence:
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class RefusalGround:
    """One ground of the closed list, with the evidence without which it bounces."""

    code: str
    text: Text
    evidence: tuple[Evidence, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class OrderTier:
    """For orders of more than `over` units another length holds; None: no set time, negotiated. `name`: of the size."""

    over: int
    length: int | None
    name: Text | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What counts as one order: requests of one asker to one owner within `days` of one another are counted together."""

    days: int
    source: Source


@dataclass(frozen=True, slots=True)
class PauseReason:
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline's rule: who must act within which time after which event, and what silence means."""

    rule: str
    label: Text
    event: str
    actor: Literal["owner", "requester", "regulator"]
    length: int
    unit: Unit
    calendar: str
    consequence: Text
    source: Source
    outcome: str = "record"
    pauses: tuple[PauseReason, ...] = ()
    tiers: tuple[OrderTier, ...] = ()

    def tier_for(self, units: int) -> OrderTier | None:
        """The tier of an order of `units`; None for a standard one."""
        reached = [tier for tier in self.tiers if units > tier.over]
        return max(reached, key=lambda tier: tier.over) if reached else None

    def length_for(self, units: int) -> int | None:
        """The length for an order of `units`; None when such an order has no set time."""
        tier = self.tier_for(units)
        return tier.length if tier else self.length

    def may_pause(self, reason: str) -> bool:
        return any(allowed.code == reason for allowed in self.pauses)


@dataclass(frozen=True, slots=True)
class TenantDiscount:
    """Off the base and off site and power intake, from this number of tenants on."""

    tenants: int
    base: Decimal
    site: Decimal


@dataclass(frozen=True, slots=True)
class Rent:
    """base × (1 − d1) + (site + power intake) × (1 − d2); the anchor tenant has `anchor_extra` more off the base."""

    discounts: tuple[TenantDiscount, ...]
    anchor_extra: Decimal
    source: Source

    def discount_for(self, tenants: int) -> TenantDiscount | None:
        reached = [discount for discount in self.discounts if tenants >= discount.tenants]
        return max(reached, key=lambda discount: discount.tenants) if reached else None


@dataclass(frozen=True, slots=True)
class Cobuild:
    """What building together costs here and how many share, for reckoning who should. Money in minor units of the profile's
    currency. `start_slack_days`: how long after its earliest day a need that names no latest one can still start.
    `trench_detour_pct`: how much longer than the straight line a way in a joint trench may be; `corridor_join_m`: how near both
    ends must lie to a road or railway that the trench is to follow."""

    mounts_per_tower: int
    tower_base_minor: int
    tower_per_m_minor: int
    tower_per_mount_minor: int
    trench_per_m_minor: int
    duct_per_m_minor: int
    ducts_per_trench: int
    trench_detour_pct: int
    corridor_join_m: int
    start_slack_days: int
    source: Source


@dataclass(frozen=True, slots=True)
class FairnessTerm:
    """Whose needs come first, where not all can be served. `points`: added to the score of each match of such a need (of
    earlier_first: at most, in proportion to how early it was submitted); they order needs with one another and decide no match.
    `times`: what the need is worth in an allocation, before its priority."""

    term: Literal["universal_service", "emergency", "earlier_first"]
    label: Text
    points: int
    times: int
    source: Source


@dataclass(frozen=True, slots=True)
class RouteTerms:
    """How routes over several owners are reckoned here: what a handover and building cost (minor units of the profile's
    currency), how near ends must be to be one joint (`snap_m`), to hand over (`site_m`), to be joined by building (`gap_m`) or to
    be reached from A and B (`reach_m`), and what a splice and a connector lose."""

    handover_minor: int
    build_fixed_minor: int
    build_per_m_minor: int
    gap_m: float
    reach_m: float
    site_m: float
    snap_m: float
    splice_db: float
    connector_db: float
    source: Source


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one jurisdiction. `levels`: of its region tree, topmost first; `competent_level`: at which regulators act.

    `regulated_sectors`: those with a regulator of their own. `public_security_grades`: grades of asset on which public security
    acts too."""

    code: str
    name: Text
    currency: str
    language: str
    time_zone: str
    region_tree: str
    levels: tuple[str, ...]
    competent_level: str
    kinds: tuple[str, ...]
    kinds_source: Source
    regulated_sectors: frozenset[str]
    public_security_grades: frozenset[str]
    authorities: tuple[Authority, ...]
    clearances: tuple[Clearance, ...]
    same_place: tuple[SamePlace, ...]
    refusal_grounds: tuple[RefusalGround, ...]
    clocks: tuple[Clock, ...]
    offer_hold_days: int
    offer_hold_source: Source
    rent: Rent
    cobuild: Cobuild | None = None  # None: nothing is reckoned here
    routes: RouteTerms | None = None  # None: routes are not reckoned on terms of this jurisdiction
    order: Order | None = None  # None: every request is an order of its own
    version: str = ""  # of the file it was read from: what a deadline was made by
    fairness: tuple[FairnessTerm, ...] = ()  # empty: all needs alike
    works: tuple[WorksRule, ...] = ()  # empty: works are announced without terms
    appeal: tuple[Text, Source] | None = None  # what a party can do against a decision, in the letter's words
    together: Together | None = None  # None: every case one by one

    def authority(self, capacity: str) -> Authority | None:
        """How the regulator of that capacity acts; None: it does not."""
        return next((a for a in self.authorities if a.capacity == capacity), None)

    def clock(self, rule: str) -> Clock | None:
        return next((clock for clock in self.clocks if clock.rule == rule), None)

    def works_rule(self, kind: str) -> WorksRule | None:
        """How works of that kind are coordinated here; None: without terms."""
        return next((rule for rule in self.works if kind in rule.kinds), None)

    def clearance_m(self, voltage_kv: float | Decimal) -> Clearance | None:
        """The clearance for a line of `voltage_kv`; None above the table: then no height can be promised."""
        fitting = [c for c in self.clearances if Decimal(str(voltage_kv)) <= c.up_to_kv]
        return min(fitting, key=lambda c: c.up_to_kv) if fitting else None

    def same_place_m(self, setting: str) -> SamePlace | None:
        return next((rule for rule in self.same_place if rule.setting == setting), None)

    def ground(self, code: str) -> RefusalGround:
        """The refusal ground, or `unknown_refusal_ground`."""
        found = next((ground for ground in self.refusal_grounds if ground.code == code), None)
        if found is None:
            raise fail("unknown_refusal_ground", ground=code, grounds=", ".join(one.code for one in self.refusal_grounds))
        return found

    def check_refusal(self, code: str, evidence: frozenset[str]) -> RefusalGround:
        """The ground, when all evidence that it asks for is given; else `refusal_evidence_missing`."""
        ground = self.ground(code)
        missing = [e.text for e in ground.evidence if e.code not in evidence]
        if missing:
            words = Text("; ".join(text.en for text in missing), "；".join(text.zh for text in missing))
            raise fail("refusal_evidence_missing", evidence=words)
        return ground

    @property
    def sources(self) -> tuple[tuple[Text, Source], ...]:
        """Every clause with its source, for the page that shows what is law here and what is proposed."""
        words = Text
        return (
            (words("Kinds covered", "适用设施类别"), self.kinds_source),
            *((words(f"Authority: {a.capacity}", f"主管部门：{a.capacity}"), a.source) for a in self.authorities),
            *((words(f"Clearance up to {c.up_to_kv} kV", f"{c.up_to_kv} kV 及以下安全距离"), c.source) for c in self.clearances),
            *((words(f"Same place: {s.setting}", f"同址规则：{s.setting}"), s.source) for s in self.same_place),
            *((ground.text, ground.source) for ground in self.refusal_grounds),
            *((clock.label, clock.source) for clock in self.clocks),
            *(((words("What counts as one order", "何为同一批申请"), self.order.source),) if self.order else ()),
            (words("Offer holds capacity", "要约保留容量"), self.offer_hold_source),
            (words("Rent", "租费"), self.rent.source),
            *((term.label, term.source) for term in self.fairness),
            *((rule.label, rule.source) for rule in self.works),
            *((words(f"{r.label.en}: late", f"{r.label.zh}：逾期"), r.late.source) for r in self.works),
            *(((words("Remedies against a decision", "对决定的救济途径"), self.appeal[1]),) if self.appeal else ()),
            *(((words("Several cases at once", "合并办理"), self.together.source),) if self.together else ()),
            *(((words("Costs of building together", "共建成本"), self.cobuild.source),) if self.cobuild else ()),
            *(((words("Terms of routes", "路由测算条款"), self.routes.source),) if self.routes else ()),
        )


_REGISTERED: dict[str, Profile] = {}


@cache
def _shipped() -> dict[str, Profile]:
    from app.catalogue.profile_file import read_profile  # it builds what this module declares

    return {path.stem: read_profile(path) for path in sorted(FOLDER.glob("*.toml"))}


def get_profile(code: str) -> Profile:
    """The profile, or `unknown_profile`."""
    found = _REGISTERED.get(code) or _shipped().get(code)
    if found is None:
        raise fail("unknown_profile", profile=code)
    return found


def all_profiles() -> tuple[Profile, ...]:
    return tuple({**_shipped(), **_REGISTERED}.values())


def register_profile(profile: Profile) -> Profile:
    """Add a profile that has no file (tests, a province's own settings); the same code again replaces it."""
    _REGISTERED[profile.code] = profile
    return profile


def unregister_profile(code: str) -> None:
    _REGISTERED.pop(code, None)
