"""The columns of co-construction by trenches: routes that nothing serves, corridors to lay them along, and what a trench costs.

Money is reckoned in thousandths of a minor unit: a price for each metre times whole millimetres, nothing rounded on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from app.engine.cobuild.problem import UNSTATED
from app.engine.problem import Ints, ProblemError
from app.kernel.money import MOST_MINOR

GEOD = Geod(ellps="WGS84")
MOST_ROUTE_MM = 500_000_000
LEAST_ROUTE_MM = 1_000  # below it both ends are one place
MOST_PER_M = 10**7  # minor units for a metre: sums of thousandths stay whole in 64 bits
MOST_DUCTS = 1000
POLAR_LAT = 89.0  # a corridor is joined by longitude and latitude, which fails beside a pole

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrenchTerms:
    """What a joint trench costs, in minor units: `per_m` of trench, `duct_per_m` for each duct of a member along its own way.

    `capacity`: ducts that one trench takes. `detour_pct`: how much longer than the straight line a member's way may be.
    `join_m`: a corridor is given to a route whose ends both lie within this of it."""

    per_m_minor: int
    duct_per_m_minor: int
    capacity: int
    detour_pct: int = 30
    join_m: int = 300

    def __post_init__(self) -> None:
        for name in ("per_m_minor", "duct_per_m_minor"):
            if not 0 <= getattr(self, name) <= MOST_PER_M:
                raise ProblemError(f"terms.{name}", None, "a cost below 0 or too large")
        if not 1 <= self.capacity <= MOST_DUCTS:
            raise ProblemError("terms.capacity", None, f"a trench takes 1 to {MOST_DUCTS} ducts")
        if not 0 <= self.detour_pct <= 200:
            raise ProblemError("terms.detour_pct", None, "a detour of 0 to 200 per cent")
        if not 0 <= self.join_m <= 10_000:
            raise ProblemError("terms.join_m", None, "joins over 0 to 10,000 m")


@dataclass(frozen=True, eq=False)
class TrenchNeeds:
    """n routes from (`lon_a`, `lat_a`) to (`lon_b`, `lat_b`), `ducts` wide. `first`, `last`: the days on which each can start,
    both included. `alone_minor`: what it would spend by itself (UNSTATED: by the terms)."""

    id: Ints
    lon_a: Floats
    lat_a: Floats
    lon_b: Floats
    lat_b: Floats
    ducts: Ints
    first: Ints
    last: Ints
    organisation: Ints
    alone_minor: Ints

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, eq=False)
class TrenchProblem:
    """Needs in ascending id, corridor lines (WGS-84 line strings), and the terms. Made by `build_trenches`."""

    needs: TrenchNeeds
    corridors: tuple[shapely.LineString, ...]
    terms: TrenchTerms

    @cached_property
    def straight_mm(self) -> Ints:
        """The geodesic from end to end."""
        n = self.needs
        return geodesic_mm(n.lon_a, n.lat_a, n.lon_b, n.lat_b)

    @cached_property
    def limit_mm(self) -> Ints:
        """The longest way that a member accepts."""
        return np.asarray(self.straight_mm * (100 + self.terms.detour_pct) // 100, np.int64)

    @cached_property
    def own_per_m(self) -> Ints:
        """What each need's own ducts cost for each metre."""
        return np.asarray(self.terms.duct_per_m_minor * self.needs.ducts, np.int64)


def geodesic_mm(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Ints:
    """Karney's geodesics in whole millimetres, at least 1."""
    if not len(lon_a):
        return np.zeros(0, np.int64)
    metres = np.asarray(GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2])
    return np.asarray(np.maximum(np.rint(metres * 1000), 1), np.int64)


def build_trenches(needs: TrenchNeeds, terms: TrenchTerms, corridors: Sequence[shapely.Geometry] = ()) -> TrenchProblem:
    """Check the columns and put the rows in ascending id. Raises `ProblemError` naming column and row."""
    n = len(needs.id)
    for field in fields(needs):
        column, real = getattr(needs, field.name), field.name[:3] in ("lon", "lat")
        if column.shape != (n,):
            raise ProblemError(f"needs.{field.name}", None, f"has shape {column.shape}, expected {(n,)}")
        if not np.issubdtype(column.dtype, np.floating if real else np.integer):
            raise ProblemError(f"needs.{field.name}", None, f"must hold {'reals' if real else 'integers'}, not {column.dtype}")
    order = np.argsort(needs.id, kind="stable")
    twice = np.zeros(n, bool)
    twice[order[1:]] = needs.id[order[1:]] == needs.id[order[:-1]]
    _refuse("id", twice, "this id occurs twice")
    for end in ("a", "b"):
        _refuse(f"lon_{end}", ~(np.abs(getattr(needs, f"lon_{end}")) <= 360), "not a longitude")
        _refuse(f"lat_{end}", ~(np.abs(getattr(needs, f"lat_{end}")) <= 90), "not a latitude")
    away = geodesic_mm(needs.lon_a, needs.lat_a, needs.lon_b, needs.lat_b)
    _refuse("lon_b", away < LEAST_ROUTE_MM, "both ends are one place")
    _refuse("lon_b", away > MOST_ROUTE_MM, f"a route over {MOST_ROUTE_MM // 10**6} km")
    _refuse("ducts", (needs.ducts < 1) | (needs.ducts > MOST_DUCTS), "asks for no duct, or too many")
    _refuse("last", needs.last < needs.first, "the latest start is before the earliest")
    _refuse("alone_minor", (needs.alone_minor < UNSTATED) | (needs.alone_minor > MOST_MINOR), "a cost below 0 or too large")
    return TrenchProblem(_ordered(needs, order), tuple(_lines(corridors)), terms)


def _lines(corridors: Sequence[shapely.Geometry]) -> list[shapely.LineString]:
    found: list[shapely.LineString] = []
    for row, geometry in enumerate(corridors):
        for part in shapely.get_parts(geometry):
            at = shapely.get_coordinates(part)
            if part.geom_type != "LineString" or not np.isfinite(at).all():
                raise ProblemError("corridors", row, "not a line")
            if len(at) and (np.abs(at[:, 0]).max() > 360 or np.abs(at[:, 1]).max() > POLAR_LAT):
                raise ProblemError("corridors", row, "out of range, or too near to a pole")
            if len(at) > 1:
                found.append(part)
    return found


def _ordered(needs: TrenchNeeds, order: Ints) -> TrenchNeeds:
    def column(name: str) -> NDArray[Any]:
        real = name[:3] in ("lon", "lat")
        return np.ascontiguousarray(getattr(needs, name)[order], np.float64 if real else np.int64)

    columns: dict[str, Any] = {f.name: column(f.name) for f in fields(needs)}
    return TrenchNeeds(**columns)


def _refuse(column: str, bad: NDArray[np.bool_], reason: str) -> None:
    if bad.any():
        raise ProblemError(f"needs.{column}", int(np.flatnonzero(bad)[0]), reason)
