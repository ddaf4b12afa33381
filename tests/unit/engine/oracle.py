"""What the engine must answer, said again in plain Python: slow, obvious, day by day and pair by pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from pyproj import Geod

from app.catalogue.declaration import AssetKind, Choice, Criterion, Dimension, Field, Geometry, Sort, Test
from app.engine import Capacity, ListingRow, NeedRow
from app.kernel.text import Text

GEOD = Geod(ellps="WGS84")
T = Text("t", "t")
SAID = {
    "passed": Text("{supply} {demand} {margin}", "{supply} {demand} {margin}"),
    "failed": Text("{supply} {margin}", "{supply} {margin}"),
}


def _criterion(name: str, test: Test, supply: str, demand: str, **more: Any) -> Criterion:
    return Criterion(
        name, Text(name, name), test, supply=supply, demand=demand, change=Text("take {value}", "取 {value}"), **SAID, **more
    )


THING = AssetKind(
    name="thing",
    label=T,
    plural=T,
    summary=T,
    geometry=(Geometry.POINT, Geometry.LINE, Geometry.AREA),
    need_geometry=("circle", "area", "route"),
    quantity="pairs",
    attributes=(
        Field("height_m", T),
        Field("loss_db", T),
        Field("colour", T, "choice", choices=(Choice("red", T), Choice("blue", T))),
        Field("guarded", T, "boolean"),
    ),
    dimensions=(
        Dimension("load_kg", T, Sort.QUANTITY, "kg"),
        Dimension("core", T, Sort.SLOTS, "core"),
        Dimension("rack", T, Sort.SLOTS, "U", contiguous=True),
        Dimension("fill_pct", T, Sort.LIMIT, "%"),
    ),
    requirements=(
        Field("height_m", T, minimum=0),
        Field("loss_db", T, maximum=8),
        Field("colour", T, "choice", choices=(Choice("red", T), Choice("blue", T))),
        Field("guarded", T, "boolean"),
        Field("load_kg", T, minimum=0),
        Field("pairs", T, "integer", minimum=0),
        Field("rack", T, "integer", minimum=1),
        Field("fill_pct", T),
    ),
    criteria=(
        _criterion("height", Test.AT_LEAST, "height_m", "height_m", unit="m", weight=10, full_at=0.25),
        _criterion("loss", Test.AT_MOST, "loss_db", "loss_db", weight=5, full_at=0.5),
        _criterion("colour", Test.EQUALS, "colour", "colour", weight=3),
        _criterion("guarded", Test.PROVIDES, "guarded", "guarded", weight=2),
        _criterion("load", Test.CAPACITY, "load_kg", "load_kg", unit="kg", weight=10, full_at=1.0),
        _criterion("pairs", Test.CAPACITY, "core", "pairs", unit="pair", weight=5, full_at=2.0, per=2),
        _criterion("rack", Test.CAPACITY, "rack", "rack", unit="U", weight=5, full_at=0.0),
        _criterion("fill", Test.AT_LEAST, "fill_pct", "fill_pct", unit="%", weight=0, movable=False),
    ),
)


@dataclass(frozen=True)
class Verdict:
    passed: bool
    unstated: bool
    margin: int | None
    points: int


@lru_cache(maxsize=100_000)
def free_milli(capacity: Capacity, slots: bool, contiguous: bool, start: int, end: int) -> int:
    """Free over every single day of the window (of a window of years: over those days on which something begins)."""
    days = (
        range(start, end) if end - start < 200 else sorted({start, *(x.start for x in capacity.claims if start < x.start < end)})
    )
    if not slots:
        peak = max(sum(x.amount_milli for x in capacity.claims if x.start <= day < x.end) for day in days)
        return max(0, min(capacity.offered_milli, capacity.total_milli - peak))
    free = set(range(1, capacity.total_milli // 1000 + 1))
    for day in days:
        free -= {x.slot for x in capacity.claims if x.start <= day < x.end}
    count = len(free)
    if contiguous:
        count = max((sum(1 for _ in _run(free, first)) for first in free), default=0)
    return max(0, min(capacity.offered_milli, count * 1000))


def _run(free: set[int], first: int) -> Any:
    while first in free:
        yield first
        first += 1


def points(weight: int, full_at: float, base: int, margin: int) -> int:
    full = int(Fraction(round(full_at * 1000), 1000) * base)
    return weight * 1000 if full <= 0 else int(Fraction(weight * 1000) * min(margin, full) / full)


def verdicts(kind: AssetKind, listing: ListingRow, need: NeedRow, distance_mm: int) -> Mapping[str, Verdict]:
    return {criterion.name: verdict(kind, criterion, listing, need, distance_mm) for criterion in kind.all_criteria}


def verdict(kind: AssetKind, c: Criterion, listing: ListingRow, need: NeedRow, distance_mm: int) -> Verdict:
    if c.test is Test.REACH:
        radius = round(need.radius_m * 1000)
        margin = radius - distance_mm
        earned = c.weight * 1000 if radius == 0 else int(Fraction(c.weight * 1000) * margin / radius)
        return Verdict(margin >= 0, False, margin, earned if margin >= 0 else 0)
    if c.test is Test.WINDOW:
        missing = len(set(range(need.start, need.end)) - set(range(listing.start, min(listing.end, need.end))))
        spare = (need.start - listing.start) + (listing.end - need.end)
        return Verdict(
            not missing, False, -missing or spare, 0 if missing else points(c.weight, c.full_at, need.end - need.start, spare)
        )
    if c.test is Test.PRICE:
        return _price(c, listing, need)
    if c.test is Test.NOT_OWN:
        own = listing.owner == need.organisation
        return Verdict(not own, False, -1 if own else 0, 0 if own else c.weight * 1000)
    return _compare(kind, c, listing, need)


def _price(c: Criterion, listing: ListingRow, need: NeedRow) -> Verdict:
    if listing.price_minor < 0:
        return Verdict(True, False, 0, 0)
    if need.budget_minor < 0:
        return Verdict(True, False, 0, c.weight * 1000)
    if listing.currency != need.currency:
        return Verdict(False, True, None, 0)
    margin = need.budget_minor - listing.price_minor
    return Verdict(
        margin >= 0, False, margin, 0 if margin < 0 else points(c.weight, c.full_at, max(1, need.budget_minor), margin)
    )


def _compare(kind: AssetKind, c: Criterion, listing: ListingRow, need: NeedRow) -> Verdict:
    asked, supply = need.values.get(str(c.demand)), supply_of(kind, c, listing, need)
    wanted = asked is not None and (c.test is Test.EQUALS or float(asked) > 0)  # type: ignore[arg-type]
    full = c.weight * 1000
    if not wanted:
        margin = supply if c.test in (Test.AT_LEAST, Test.CAPACITY) and supply is not None else 0
        return Verdict(True, False, int(margin), full)
    if supply is None:
        return Verdict(False, True, None, 0)
    if c.test in (Test.EQUALS, Test.PROVIDES):
        ok = supply == asked if c.test is Test.EQUALS else bool(supply)
        return Verdict(ok, False, 0 if ok else -1, full if ok else 0)
    demand = round(float(asked) * 1000)  # type: ignore[arg-type]
    margin = int(demand - supply if c.test is Test.AT_MOST else supply - demand)
    return Verdict(margin >= 0, False, margin, 0 if margin < 0 else points(c.weight, c.full_at, max(demand, 1000), margin))


def supply_of(kind: AssetKind, c: Criterion, listing: ListingRow, need: NeedRow) -> Any:
    """Thousandths in the need's unit, or the plain value of a choice or a yes/no; None when not stated."""
    name = str(c.supply)
    if c.test is Test.CAPACITY:
        if name not in listing.capacity:
            return None
        d = kind.dimension(name)
        free = free_milli(listing.capacity[name], d.sort is Sort.SLOTS, d.contiguous, need.start, need.end)
        return free // 1000 // c.per * 1000 if d.sort is Sort.SLOTS else free // c.per
    if name in listing.capacity:
        return listing.capacity[name].offered_milli
    value = listing.values.get(name)
    return value if value is None or c.test in (Test.EQUALS, Test.PROVIDES) else round(float(value) * 1000)
