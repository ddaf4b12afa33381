"""What a requester states of a need, and everything that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.validation import validate_values
from app.disclosure import anchor, snapped
from app.kernel.errors import Problem, fail
from app.kernel.money import CURRENCIES
from app.kernel.text import Text
from app.needs.rules import PRIORITIES, PURPOSES
from app.regions import locate_one

LEAST_RADIUS_M, MAX_RADIUS_M = 1.0, 200_000.0
RADIUS = Text(
    f"Give a radius from {LEAST_RADIUS_M:g} m to {MAX_RADIUS_M / 1000:g} km.",
    f"请填写 {LEAST_RADIUS_M:g} 米到 {MAX_RADIUS_M / 1000:g} 公里的半径。",
)
MOST_MONTHS = 1200
LONGEST = {"title": 200, "owner_ref": 120}


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """What a requester states. `geometry`: WGS-84 point (circle), polygon (area) or A–B line (route); `radius_m`: radius, extra
    reach or half width of the corridor. `requirements`: values of the kind's declared requirements in their units. None of geometry
    and window: not stated, which is refused."""

    kind: str
    title: str
    shape: str
    geometry: shapely.Geometry | None
    radius_m: float
    requirements: dict[str, Any]
    window_start: date | None
    window_end: date | None
    latest_start: date | None = None
    minimum_term_months: int | None = None
    budget_minor: int | None = None
    currency: str = "CNY"
    priority: str = "normal"
    purpose: str = "general"
    accepts_cobuild: bool = False
    divisible: bool = False
    tier: str = "T0"
    alternative: dict[str, Any] | None = None
    note: str | None = None
    owner_ref: str | None = None
    declared_crs: str = "EPSG:4326"
    provenance: str = "declared"
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """Facts that hold: the values to store, and the region that the geometry lies in."""

    kind: AssetKind
    requirements: dict[str, Any]
    quantity: int
    region: str
    face_region: str | None


GEOMETRY_OF = {"circle": {"Point"}, "area": {"Polygon", "MultiPolygon"}, "route": {"LineString"}}


def check_facts(facts: NeedFacts, profile: str, more: Sequence[Problem] = ()) -> Checked:
    """Raises `invalid` with all that is wrong with the facts, each with its pointer; the place must lie in the profile's region
    tree. `more`: what else is known to be wrong."""
    problems = [*fact_problems(facts, profile), *more]
    if problems or facts.geometry is None:
        raise fail("invalid", problems)
    kind = KINDS[facts.kind]
    values, _ = validate_values(kind.requirements, facts.requirements)
    region = locate_need(profile, facts.geometry) or ""
    return Checked(kind, values, int(values[kind.quantity]), region, locate_need(profile, snapped(facts.geometry)))


def fact_problems(facts: NeedFacts, profile: str, *, submit: bool = False) -> list[Problem]:
    """Everything that is wrong with the facts. `submit`: also what a draft may still lack."""
    if facts.kind not in KINDS:
        return [Problem("unknown_kind", Text("Unknown kind.", "未知类型。"), pointer="/kind")]
    kind = KINDS[facts.kind]
    values, found = validate_values(kind.requirements, facts.requirements, pointer="/requirements")
    problems = [*_place_problems(facts, kind, profile), *found, *_window_problems(facts)]

    def wrong(pointer: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=pointer))

    if not facts.title.strip():
        wrong("/title", "Give it a name.", "请填写名称。")
    for name, most in LONGEST.items():
        if len(getattr(facts, name) or "") > most:
            wrong(f"/{name}", f"At most {most} characters.", f"最多 {most} 个字符。")
    if facts.minimum_term_months is not None and not 1 <= facts.minimum_term_months <= MOST_MONTHS:
        wrong("/minimum_term_months", f"From 1 to {MOST_MONTHS} months.", f"应为 1 至 {MOST_MONTHS} 个月。")
    if facts.priority not in PRIORITIES:
        wrong("/priority", "Choose high, normal or low.", "请选择高、中、低。")
    if facts.purpose not in PURPOSES:
        wrong("/purpose", "Choose general, universal service or emergency.", "请选择一般、普遍服务或应急通信保障。")
    elif facts.purpose != "general" and not (facts.note or "").strip():
        wrong(
            "/note",
            "State the programme or order that this purpose rests on.",
            "请注明该需求性质所依据的项目或指令。",
        )
    if facts.currency not in CURRENCIES:
        wrong("/currency", "Not an ISO 4217 currency.", "不是 ISO 4217 货币代码。")
    if facts.tier not in ("T0", "T1", "T2"):
        wrong("/tier", "Choose a disclosure tier.", "请选择公开层级。")
    stated = {problem.pointer for problem in problems}
    if f"/requirements/{kind.quantity}" not in stated and (values.get(kind.quantity) or 0) < 1:
        wrong(f"/requirements/{kind.quantity}", "Ask for at least one.", "数量至少为 1。")
    if submit and not facts.alternative:
        problems.append(alternative_problem())
    return problems


def alternative_problem() -> Problem:
    return Problem("required", Text("State the alternative.", "请填写独立建设方案。"), pointer="/alternative")


def _place_problems(facts: NeedFacts, kind: AssetKind, profile: str) -> list[Problem]:
    problems: list[Problem] = []

    def wrong(pointer: str, en: str, zh: str) -> None:
        problems.append(Problem("invalid", Text(en, zh), pointer=pointer))

    geometry = facts.geometry
    if geometry is None:
        wrong("/geometry", "Say where.", "请填写位置。")
    elif facts.shape not in kind.need_geometry or geometry.geom_type not in GEOMETRY_OF.get(facts.shape, ()):
        wrong("/shape", "This kind is not asked for with this shape.", "该类型的需求不能使用此几何形状。")
    if geometry is not None and (not geometry.is_valid or geometry.is_empty):
        wrong("/geometry", "The geometry is empty or crosses itself.", "几何为空或自相交。")
    elif geometry is not None and locate_need(profile, geometry) is None:
        wrong("/geometry", "The place lies outside the regions of your jurisdiction.", "位置不在所属辖区范围内。")
    if not takes_radius(facts.shape, facts.radius_m):
        wrong("/radius_m", RADIUS.en, RADIUS.zh)
    return problems


def takes_radius(shape: str, radius_m: float) -> bool:
    """An area may do without: then it is what lies in it."""
    return (0.0 if shape == "area" else LEAST_RADIUS_M) <= radius_m <= MAX_RADIUS_M


def _window_problems(facts: NeedFacts) -> list[Problem]:
    problems: list[Problem] = []
    start, end, latest = facts.window_start, facts.window_end, facts.latest_start
    for name, day in (("window_start", start), ("window_end", end)):
        if day is None:
            problems.append(Problem("required", Text("Give a date.", "请填写日期。"), pointer=f"/{name}"))
    if start is not None and end is not None and end <= start:
        problems.append(Problem("invalid", Text("Ends before it starts.", "结束日期早于开始日期。"), pointer="/window_end"))
    if latest is not None and not ((start is None or start <= latest) and (end is None or latest < end)):
        words = Text("The latest start lies outside the period.", "最迟开始日期不在期限内。")
        problems.append(Problem("invalid", words, pointer="/latest_start"))
    return problems


def locate_need(profile: str, geometry: shapely.Geometry) -> str | None:
    """The smallest region of the profile's tree that holds the need's middle."""
    lon, lat = anchor(geometry)
    return locate_one(lon, lat, get_profile(profile).region_tree)
