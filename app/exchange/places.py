"""Where each row is: positions of a whole table at once, from its coordinate system into WGS-84, each fault with its column.

Works on arrays (shapely, pyproj): one transformation per table, O(vertices).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError

from app.catalogue.declaration import AssetKind
from app.exchange.crs import Floats, Mask, SourceCrs
from app.exchange.reading.geojson_shape import Broken, check_geometry, flat
from app.exchange.reading.model import GEOMETRY, Table
from app.exchange.rows import RowReader, RowState
from app.exchange.shapes import AREA, LINE, POINT, Fault, faults, single, wrong_form
from app.exchange.targets import Subject
from app.exchange.values import Bad, plain_number, read_angle
from app.kernel.text import Text

CLUSTER_ROWS = 10  # rows needed before "where the others are" says anything
CLUSTER_MARGIN_DEG = 1.0
NEED_FORMS = {"circle": POINT, "route": LINE, "area": AREA}


def forms_of(subject: Subject, kind: AssetKind) -> tuple[str, ...]:
    """The forms in which the kind is placed, its usual one first."""
    if subject is Subject.NEEDS:
        return tuple(NEED_FORMS[shape] for shape in kind.need_geometry)
    return tuple(form.value for form in kind.geometry)


class Placer:
    """Places the rows of one table."""

    def __init__(self, table: Table, reader: RowReader, subject: Subject, crs: SourceCrs) -> None:
        self.table, self.reader, self.subject, self.crs = table, reader, subject, crs

    def place(self, states: list[RowState]) -> None:
        """Give each state its geometry, or its problem."""
        shapes = np.empty(len(states), dtype=object)
        shapes[:] = list(self._shapes(states))
        pairs = [n for n, shape in enumerate(shapes) if type(shape) is tuple]
        shapes[pairs] = shapely.points(np.array([shapes[n] for n in pairs], dtype=np.float64).reshape(-1, 2))
        at = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        for n in np.flatnonzero(shapely.is_empty(shapes)).tolist():
            self._geometry_fault(states[n], "geometry_missing")
        if not len(at):
            return
        turned, sound = self._transform([states[n] for n in at], shapes[at])
        kept, turned = at[sound], single(turned[sound])
        wrong = faults(turned)
        for n, (row, shape) in enumerate(zip(kept.tolist(), turned, strict=True)):
            self._finish(states[row], shape, wrong.get(n))

    def _finish(self, state: RowState, shape: Any, fault: Fault | None) -> None:
        if fault is None and state.kind is not None:
            fault = wrong_form(shape, forms_of(self.subject, state.kind), state.kind.label)
        if fault is not None:
            self._geometry_fault(state, fault[0], **fault[1])
        else:
            state.geometry = shape

    def _geometry_fault(self, state: RowState, code: str, **values: Any) -> None:
        """At the geometry, or at the first coordinate's column where the place is made of columns."""
        if self.table.has_geometry:
            self.reader.fault(state, code, None, at=GEOMETRY, **values)
        else:
            self.reader.fault(state, code, "geometry" if "geometry" in state.values else "lon", **values)

    def _shapes(self, states: list[RowState]) -> Iterator[Any]:
        """A geometry in the file's coordinates for each row, or a pair for a point; None where there is none (with its
        problem)."""
        if self.table.has_geometry:
            yield from self._from_wkb(states)
        else:
            for state in states:
                written = state.values.get("geometry")
                yield self._from_text(state, written) if written is not None else self._from_coordinates(state)

    def _from_wkb(self, states: list[RowState]) -> Iterator[Any]:
        parsed = shapely.from_wkb([state.row.geometry for state in states], on_invalid="ignore")
        for state, shape in zip(states, shapely.force_2d(parsed), strict=True):
            if shape is None:
                self._geometry_fault(state, "geometry_missing" if state.row.geometry is None else "geometry_broken")
            yield shape

    def _from_text(self, state: RowState, written: str) -> Any:
        label = self.reader.columns["geometry"].label
        try:
            return read_geometry(written, label)
        except Bad as bad:
            self.reader.fault(state, bad.code, "geometry", **bad.values)
        except Broken as broken:
            self.reader.fault(state, broken.code, "geometry", **broken.values)
        return None

    def _from_coordinates(self, state: RowState) -> Any:
        """A point, or a line to the end for what is placed by a line first."""
        if "geometry" in self.reader.columns_of and not {"lon", "lat"} & set(self.reader.columns_of):
            if "geometry" not in state.failed:
                self.reader.fault(state, "no_place", "geometry")
            return None
        start = self._start(state)
        line = state.kind is not None and forms_of(self.subject, state.kind)[0] == LINE
        end = self._end(state) if line and "lon" not in state.failed else None
        if start is None or (line and end is None):
            return None
        return shapely.LineString([start, end]) if line else start

    def _start(self, state: RowState) -> tuple[float, float] | None:
        lon, lat = self.reader.default(state, "lon"), self.reader.default(state, "lat")
        if lon is not None and lat is not None:
            return lon, lat
        if not state.failed & {"lon", "lat"}:
            missing = "lon" if lon is None else "lat"
            code = "no_place" if lon is None and lat is None else "missing"
            self.reader.fault(state, code, missing, field=self.reader.columns[missing].label)
        return None

    def _end(self, state: RowState) -> tuple[float, float] | None:
        lon, lat = self.reader.default(state, "end_lon"), self.reader.default(state, "end_lat")
        if lon is not None and lat is not None:
            return lon, lat
        if not state.failed & {"end_lon", "end_lat"}:
            missing = "end_lat" if lat is None and lon is not None else "end_lon"
            self.reader.fault(state, "route_without_end", missing if missing in self.reader.columns_of else "lon")
        return None

    def _transform(self, states: list[RowState], shapes: Any) -> tuple[Any, Mask]:
        """(geometries in WGS-84, which rows are sound)."""
        coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
        x, y = coordinates[:, 0], coordinates[:, 1]
        lon, lat, good = self.crs.to_lonlat(x, y)
        good &= ~self._strays(x, y, lon, lat, good)
        first_bad = _first_bad(owner, good)
        for n, vertex in first_bad.items():
            self._bad_vertex(states[n], float(x[vertex]), float(y[vertex]), vertex - int(np.searchsorted(owner, n)))
        sound = np.ones(len(shapes), dtype=bool)
        sound[list(first_bad)] = False
        turned = shapely.set_coordinates(shapes.copy(), np.where(good[:, None], np.column_stack([lon, lat]), 0.0))
        return turned, sound

    def _strays(self, x: Floats, y: Floats, lon: Floats, lat: Floats, good: Mask) -> Mask:
        """Vertices that lie far from all others as they stand, and among them when swapped: a swapped pair that is valid by
        chance."""
        stray = np.zeros(len(x), dtype=bool)
        if good.sum() < CLUSTER_ROWS:
            return stray
        west, east = np.percentile(lon[good], [5, 95])
        south, north = np.percentile(lat[good], [5, 95])
        wide, high = (east - west) + CLUSTER_MARGIN_DEG, (north - south) + CLUSTER_MARGIN_DEG
        outside = good & ((lon < west - wide) | (lon > east + wide) | (lat < south - high) | (lat > north + high))
        at = np.flatnonzero(outside)
        if len(at):
            lon2, lat2, fits = self.crs.to_lonlat(y[at], x[at])
            with np.errstate(invalid="ignore"):
                home = fits & (lon2 >= west - wide / 2) & (lon2 <= east + wide / 2)
                home &= (lat2 >= south - high / 2) & (lat2 <= north + high / 2)
            stray[at[home]] = True
        return stray

    def _bad_vertex(self, state: RowState, x: float, y: float, place: int) -> None:
        _, _, swapped = self.crs.to_lonlat(np.array([y]), np.array([x]))
        code = "coordinates_swapped" if swapped[0] else "outside_crs"
        if not (np.isfinite(x) and np.isfinite(y)):
            code = "geometry_number"
        elif code == "outside_crs" and self.crs.is_geographic and not (abs(x) <= 180 and abs(y) <= 90):
            code = "geometry_range"
        values = {"x": plain_number(x), "y": plain_number(y), "crs": self.crs.code}
        if self.table.has_geometry or "geometry" in state.values:
            self._geometry_fault(state, code, **values)
        else:
            self.reader.fault(state, code, "end_lon" if place == 1 else "lon", **values)


def _first_bad(owner: Any, good: Mask) -> dict[int, int]:
    """Row → its first vertex that is not sound."""
    found: dict[int, int] = {}
    for vertex in np.flatnonzero(~good):
        found.setdefault(int(owner[vertex]), int(vertex))
    return found


def read_geometry(written: str, label: Text) -> Any:
    """WKT, GeoJSON, or a pair of angles that name their hemispheres. Raises `Bad` or `Broken`."""
    text = written.strip()
    if text.startswith("{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Bad("not_geometry_text", field=label) from error
        return shapely.from_geojson(json.dumps(flat(check_geometry(document))))
    if text[-1:].upper() in "NSEW" and len(halves := text.replace(",", " ").split()) == 2:
        return _hemispheres(halves, label)
    try:
        return shapely.force_2d(shapely.from_wkt(text))
    except (ShapelyError, ValueError) as error:
        raise Bad("not_geometry_text", field=label) from error


def _hemispheres(halves: list[str], label: Text) -> Any:
    marks = {half[-1].upper(): read_angle(half, label) for half in halves}
    north = next((marks[m] for m in "NS" if m in marks), None)
    east = next((marks[m] for m in "EW" if m in marks), None)
    if north is None or east is None:
        raise Bad("not_geometry_text", field=label)
    return shapely.Point(east, north)
