"""The columns of co-construction by towers: needs that nothing serves, and what a tower costs. Refuses what no problem may hold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.earth import MEAN_RADIUS_MM, ecef_cm
from app.engine.problem import LARGEST, Ints, ProblemError
from app.kernel.money import MOST_MINOR

UNSTATED = -1  # alone_minor: no stand-alone alternative was stated, the terms say what it would cost
MOST_REACH_MM = 100_000_000  # beyond it the circle that a reach draws on the ellipsoid is no longer good to 2 cm
MOST_MOUNTS = 16
INSET_MM = 20.0  # circles meet where they overlap by this much: room for whole centimetres
EDGE_MM = 2.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TowerTerms:
    """What a joint tower costs, in minor units: `base + per_m × height`, and `per_mount` for each mounting position. `capacity`:
    mounting positions of one tower."""

    base_minor: int
    per_m_minor: int
    per_mount_minor: int
    capacity: int

    def __post_init__(self) -> None:
        for name in ("base_minor", "per_m_minor", "per_mount_minor"):
            if not 0 <= getattr(self, name) <= LARGEST:
                raise ProblemError(f"terms.{name}", None, "a cost below 0 or too large")
        if not 1 <= self.capacity <= MOST_MOUNTS:
            raise ProblemError("terms.capacity", None, f"a tower takes 1 to {MOST_MOUNTS} mounting positions")

    def structure_minor(self, height_mm: Ints) -> Ints:
        """The tower itself, rounded up to a whole minor unit."""
        return np.asarray(self.base_minor + (self.per_m_minor * height_mm + 999) // 1000, np.int64)


@dataclass(frozen=True, eq=False)
class TowerNeeds:
    """n needs. A site serves a need within `radius_mm` of its place; `first`, `last`: the days on which it can start, both
    included. `alone_minor`: what it would spend by itself (UNSTATED: by the terms)."""

    id: Ints
    lon: Floats
    lat: Floats
    radius_mm: Ints
    height_mm: Ints
    mounts: Ints
    first: Ints
    last: Ints
    organisation: Ints
    alone_minor: Ints

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, eq=False)
class TowerProblem:
    """Needs in ascending id, and the terms. Made by `build_towers`."""

    needs: TowerNeeds
    terms: TowerTerms

    @cached_property
    def xyz(self) -> Floats:
        """Earth-centred whole centimetres, (n, 3)."""
        return ecef_cm(self.needs.lon, self.needs.lat).astype(np.float64)

    @cached_property
    def top(self) -> Ints:
        """The cost of a tower that is tall enough for each need."""
        return self.terms.structure_minor(self.needs.height_mm)

    @cached_property
    def extra(self) -> Ints:
        """What each need pays for its own mounting positions on whatever tower."""
        return np.asarray(self.terms.per_mount_minor * self.needs.mounts, np.int64)

    @cached_property
    def alone(self) -> Ints:
        """What each need costs by itself."""
        stated = self.needs.alone_minor
        return np.where(stated == UNSTATED, self.top + self.extra, stated)

    @cached_property
    def inset_cm(self) -> Floats:
        """The chord of each reach, drawn in by INSET_MM."""
        return chord_cm(np.maximum(self.needs.radius_mm - INSET_MM, 0.0))

    @cached_property
    def cover_cm(self) -> Floats:
        """The chord within which a point surely serves a need."""
        return chord_cm(np.maximum(self.needs.radius_mm - EDGE_MM, 0.0))


def chord_cm(arc_mm: NDArray[Any]) -> Floats:
    """The chord under an arc, on the mean sphere: within 5 mm of the ellipsoid's up to MOST_REACH_MM."""
    return np.asarray(2.0 * MEAN_RADIUS_MM * np.sin(arc_mm / (2.0 * MEAN_RADIUS_MM)) / 10.0, np.float64)


def build_towers(needs: TowerNeeds, terms: TowerTerms) -> TowerProblem:
    """Check the columns and put the rows in ascending id. Raises `ProblemError` naming column and row."""
    n = len(needs.id)
    for field in fields(needs):
        column, real = getattr(needs, field.name), field.name in ("lon", "lat")
        if column.shape != (n,):
            raise ProblemError(f"needs.{field.name}", None, f"has shape {column.shape}, expected {(n,)}")
        if not np.issubdtype(column.dtype, np.floating if real else np.integer):
            raise ProblemError(f"needs.{field.name}", None, f"must hold {'reals' if real else 'integers'}, not {column.dtype}")
    order = np.argsort(needs.id, kind="stable")
    twice = np.zeros(n, bool)
    twice[order[1:]] = needs.id[order[1:]] == needs.id[order[:-1]]
    _refuse("id", twice, "this id occurs twice")
    _refuse("lon", ~(np.abs(needs.lon) <= 360), "not a longitude")
    _refuse("lat", ~(np.abs(needs.lat) <= 90), "not a latitude")
    _refuse("radius_mm", needs.radius_mm <= 0, "a reach must be above 0")
    _refuse("radius_mm", needs.radius_mm > MOST_REACH_MM, f"a reach over {MOST_REACH_MM // 10**6} km")
    _refuse("height_mm", (needs.height_mm < 0) | (needs.height_mm > 10**6), "a height below 0 or over 1000 m")
    _refuse("mounts", (needs.mounts < 1) | (needs.mounts > 10**6), "asks for no mounting position, or too many")
    _refuse("last", needs.last < needs.first, "the latest start is before the earliest")
    _refuse("alone_minor", (needs.alone_minor < UNSTATED) | (needs.alone_minor > MOST_MINOR), "a cost below 0 or too large")
    return TowerProblem(_ordered(needs, order), terms)


def _ordered(needs: TowerNeeds, order: Ints) -> TowerNeeds:
    def column(name: str) -> NDArray[Any]:
        return np.ascontiguousarray(getattr(needs, name)[order], np.float64 if name in ("lon", "lat") else np.int64)

    columns: dict[str, Any] = {f.name: column(f.name) for f in fields(needs)}
    return TowerNeeds(**columns)


def _refuse(column: str, bad: NDArray[np.bool_], reason: str) -> None:
    if bad.any():
        raise ProblemError(f"needs.{column}", int(np.flatnonzero(bad)[0]), reason)
