"""Where the demo's things stand: generated places inside the true boundaries of Shenzhen's districts. Seeded, so always the
same."""

from __future__ import annotations

import random
from dataclasses import dataclass

import shapely

from app.kernel.geometry import destination
from app.regions import get_atlas

DISTRICTS = ("440304", "440303", "440305", "440306", "440309", "440307", "440308", "440311", "440310")
Point = tuple[float, float]


@dataclass
class Ground:
    """Places drawn one after another from one seed."""

    seed: int = 20260803

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - places, not secrets
        codes, polygons = get_atlas("cn").layer("district", 0.0)
        self.districts = {str(code): polygon for code, polygon in zip(codes, polygons, strict=True) if str(code) in DISTRICTS}
        for polygon in self.districts.values():
            shapely.prepare(polygon)
        self.city = shapely.union_all(list(self.districts.values()))
        shapely.prepare(self.city)

    def inside(self, point: Point) -> bool:
        return bool(self.city.contains(shapely.Point(point)))

    def point(self, district: str) -> Point:
        """A point in a district, away from its outline where that is possible."""
        polygon = self.districts[district]
        west, south, east, north = polygon.bounds
        while True:
            found = (self.dice.uniform(west, east), self.dice.uniform(south, north))
            if polygon.contains(shapely.Point(found)):
                return round(found[0], 6), round(found[1], 6)

    def near(self, point: Point, low_m: float, high_m: float) -> Point:
        """A point in the city between `low_m` and `high_m` from another one (the point itself when twenty tries miss)."""
        for _ in range(20):
            found = destination(point, self.dice.uniform(0, 360), self.dice.uniform(low_m, high_m))
            if self.inside(found):
                return round(found[0], 6), round(found[1], 6)
        return point

    def walk(self, start: Point, azimuth: float, step_m: float, steps: int, sway: float = 12.0) -> list[Point]:
        """A line of points that keeps its direction and ends where it would leave the city."""
        found, here, heading = [start], start, azimuth
        for _ in range(steps):
            heading += self.dice.uniform(-sway, sway)
            here = destination(here, heading % 360, step_m * self.dice.uniform(0.85, 1.15))
            here = (round(here[0], 6), round(here[1], 6))
            if not self.inside(here):
                break
            found.append(here)
        return found
