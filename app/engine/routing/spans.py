"""What a network is stitched from: spans, declared chambers, the two ends of a question, and the terms on which owners meet."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import shapely

from app.engine.problem import ProblemError
from app.engine.routing.loss import Joints

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SpanRow:
    """One cable or duct of one owner. `line`: WGS-84, a LineString, as it is known. `length_m`: of the thing, None: of the line.
    `free`: whole units free throughout the window. `rent_minor`: per unit and year, the whole span. `db_km`, `splices`: of a
    fibre (0 for a duct). `risks`: ids of what it lies in or hangs from, up to the last host. `rough`: the line is only known as
    the middles of cells, and its ends may meet whatever stands in the same cell."""

    id: int
    owner: int
    line: shapely.LineString
    free: int
    rent_minor: int
    length_m: float | None = None
    db_km: float = 0.0
    splices: int = 0
    risks: tuple[int, ...] = ()
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Chamber:
    """A declared place where an owner's span may be opened: spans of the owner that pass within the snap are split there."""

    owner: int
    place: Point


@dataclass(frozen=True, slots=True)
class Meeting:
    """How spans meet. `snap_m`: ends of one owner this near are one joint. `site_m`: owners this near can hand over.
    `handover_minor`: paid once for a handover. `gap_m`: at most so much is built anew, for `build_minor_m` a metre and
    `build_fixed_minor`. `reach_m`: how far from A and B the network may begin. `neighbours`: gaps are offered to so many nodes."""

    snap_m: float = 1.0
    site_m: float = 20.0
    handover_minor: int = 300_000
    gap_m: float = 300.0
    reach_m: float = 300.0
    build_minor_m: int = 20_000
    build_fixed_minor: int = 500_000
    build_db_km: float = 0.30
    neighbours: int = 24
    joints: Joints = field(default_factory=Joints)

    def __post_init__(self) -> None:
        for name in ("snap_m", "site_m", "gap_m", "reach_m", "build_db_km"):
            value = getattr(self, name)
            if not math.isfinite(value) or value < 0:
                raise ProblemError(name, None, f"{value} is no distance")
        if self.snap_m > 2.0:
            raise ProblemError("snap_m", None, "ends more than 2 m apart are not one joint")
        for name in ("handover_minor", "build_minor_m", "build_fixed_minor"):
            if getattr(self, name) < 0:
                raise ProblemError(name, None, "a price is not negative")
        if self.neighbours < 1:
            raise ProblemError("neighbours", None, "at least 1")


def check_spans(spans: list[SpanRow]) -> None:
    """Refuse what is no span, by row: an empty or broken line, places off the Earth, NaN, negative amounts."""
    for row, span in enumerate(spans):
        for column, reason in _faults(span):
            raise ProblemError(column, row, reason)


def _faults(span: SpanRow) -> Iterator[tuple[str, str]]:
    if not isinstance(span.line, shapely.LineString) or span.line.is_empty:
        yield "line", "a span is one line"
        return
    yield from (("line", reason) for reason in map(off_earth, span.line.coords) if reason)
    if span.length_m is not None and not (math.isfinite(span.length_m) and span.length_m >= 0):
        yield "length_m", f"{span.length_m} is no length"
    if not (math.isfinite(span.db_km) and 0 <= span.db_km <= 100):
        yield "db_km", f"{span.db_km} is no attenuation"
    if span.splices < 0:
        yield "splices", "not negative"
    if span.free < 0:
        yield "free", "not negative"
    if span.rent_minor < 0:
        yield "rent_minor", "not negative"


def off_earth(place: tuple[float, ...]) -> str | None:
    lon, lat = place[0], place[1]
    return None if abs(lon) <= 180 and abs(lat) <= 90 else f"{lon}, {lat} is no place on Earth"
