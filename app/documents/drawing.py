"""A small map as SVG: boundaries, named places, a scale. Plain projection by the cosine of the middle latitude; no network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT = 520.0, 300.0
METRES_PER_DEGREE = 111_320.0
STEPS_M = tuple(step * 10**power for power in range(1, 7) for step in (1, 2, 5))
BESIDE, ROW = 80.0, 24.0  # as near a mark, a name would run into it or its label
LAND, LINE, MARK, INK = "#f4f2ec", "#b9b3a4", "#9c1f1f", "#333333"


@dataclass(frozen=True, slots=True)
class Place:
    """Something drawn on the map, with its label."""

    label: str
    geometry: BaseGeometry


class _Frame:
    """From degrees to the page: `span_m` is the least width shown."""

    def __init__(self, bounds: Sequence[float], span_m: float) -> None:
        west, south, east, north = bounds
        self.lon, self.lat = (west + east) / 2, (south + north) / 2
        self.squeeze = math.cos(math.radians(self.lat))
        wide = max((east - west) * self.squeeze * METRES_PER_DEGREE * 1.3, span_m)
        high = max((north - south) * METRES_PER_DEGREE * 1.3, span_m * HEIGHT / WIDTH)
        self.per_m = min(WIDTH / wide, HEIGHT / high)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = WIDTH / 2 + (lon - self.lon) * self.squeeze * METRES_PER_DEGREE * self.per_m
        return round(x, 2), round(HEIGHT / 2 - (lat - self.lat) * METRES_PER_DEGREE * self.per_m, 2)

    @property
    def box(self) -> BaseGeometry:
        """What is shown, and a little more, in degrees."""
        dx = WIDTH / self.per_m / METRES_PER_DEGREE / self.squeeze * 0.55
        dy = HEIGHT / self.per_m / METRES_PER_DEGREE * 0.55
        return shapely.box(self.lon - dx, self.lat - dy, self.lon + dx, self.lat + dy)


def map_svg(places: Sequence[Place], boundaries: Iterable[dict[str, Any]], span_m: float, locale: str) -> str:
    """The places on the boundaries (GeoJSON features with `name_en`, `name_zh`), at least `span_m` metres wide."""
    frame = _Frame(shapely.total_bounds([place.geometry for place in places]).tolist(), span_m)
    name = "name_zh" if locale.startswith("zh") else "name_en"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" height="{HEIGHT:g}">',
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#ffffff"/>',
    ]
    marks = [frame.at(middle.x, middle.y) for middle in (shapely.centroid(place.geometry) for place in places)]
    labels: list[str] = []
    for feature in sorted(boundaries, key=lambda one: str(one["properties"].get("code"))):
        seen = shapely.intersection(shapely.make_valid(shape(feature["geometry"])), frame.box)
        if seen.is_empty:
            continue
        parts += [_path(frame, part, f'fill="{LAND}" stroke="{LINE}" stroke-width="0.8"') for part in _areas(seen)]
        parts += [_path(frame, part, f'fill="none" stroke="{LINE}" stroke-width="1.2"') for part in _lines(seen)]
        middle = seen.representative_point()
        if feature["properties"].get("code"):
            x, y = _clear(frame.at(middle.x, middle.y), marks)
            labels.append(_text(x, y, feature["properties"][name], "#8a8475", 9, "middle"))
    parts += labels
    for place in places:
        parts += _drawn(frame, place)
    parts += [
        _scale(frame),
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="none" stroke="{INK}" stroke-width="0.8"/>',
        "</svg>",
    ]
    return "".join(parts)


def _clear(at: tuple[float, float], marks: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where the name of a region stands: below the marks that it would run into."""
    x, y = at
    while any(abs(x - mark[0]) < BESIDE and abs(y - mark[1]) < ROW for mark in marks) and y < HEIGHT - ROW:
        y += ROW
    return x, y


def _areas(geometry: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]


def _lines(geometry: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "LineString"]


def _path(frame: _Frame, part: BaseGeometry, style: str) -> str:
    rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
    steps = []
    for ring in rings:
        points = [frame.at(x, y) for x, y in shapely.get_coordinates(ring)]
        steps.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + ("Z" if part.geom_type == "Polygon" else ""))
    return f'<path d="{"".join(steps)}" {style}/>'


def _drawn(frame: _Frame, place: Place) -> list[str]:
    parts = []
    for part in shapely.get_parts(place.geometry):
        if part.geom_type == "Point":
            x, y = frame.at(part.x, part.y)
            parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="{MARK}" stroke="#ffffff" stroke-width="1.5"/>')
        else:
            fill = f'fill="{MARK}" fill-opacity="0.15"' if part.geom_type == "Polygon" else 'fill="none"'
            parts.append(_path(frame, part, f'{fill} stroke="{MARK}" stroke-width="2.4"'))
    middle = shapely.centroid(place.geometry)
    x, y = frame.at(middle.x, middle.y)
    anchor, dx = ("end", -9) if x > WIDTH * 0.6 else ("start", 9)
    return [*parts, _text(x + dx, y - 7, place.label, MARK, 10.5, anchor)]


def _text(x: float, y: float, words: str, colour: str, size: float, anchor: str) -> str:
    style = f'font-family="Noto Sans SC" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(words)}</text>'


def _scale(frame: _Frame) -> str:
    length = max((step for step in STEPS_M if step * frame.per_m <= 120), default=STEPS_M[0])
    x, y, wide = 16.0, HEIGHT - 16, length * frame.per_m
    said = f"{length // 1000} km" if length >= 1000 else f"{length} m"
    return (
        f'<path d="M{x:g} {y - 5:g}L{x:g} {y:g}L{x + wide:.2f} {y:g}L{x + wide:.2f} {y - 5:g}" fill="none" stroke="{INK}"/>'
        + _text(x + wide / 2, y - 6, said, INK, 9, "middle")
    )
