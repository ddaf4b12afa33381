"""Places cut into parts: each as if it were alone, none too long, nothing of a line left out."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from app.engine import Places
from app.engine.parts import GEOD, POLAR_LAT, POLAR_STEP_M, STEP_M, cut
from app.engine.problem import AREA, LINE, POINT, ROUTE

SHAPES = {
    "line": (LINE, shapely.LineString([(113.0, 22.0), (113.02, 22.001), (113.021, 22.0)])),
    "lines": (LINE, shapely.MultiLineString([[(0, 0), (0, 0.01)], [(0.1, 0), (0.1, 0.03)]])),
    "over the antimeridian": (LINE, shapely.LineString([(179.99, 10), (-179.99, 10.0)])),
    "in the north": (LINE, shapely.LineString([(20.0, 78.0), (20.2, 78.01)])),
    "one place twice": (LINE, shapely.LineString([(5, 5), (5, 5)])),
    "area": (AREA, shapely.Polygon([(7, 50), (7.03, 50), (7.03, 50.02)], [[(7.02, 50.002), (7.025, 50.002), (7.025, 50.005)]])),
    "areas": (AREA, shapely.MultiPolygon([shapely.box(1, 1, 1.01, 1.01), shapely.box(2, 2, 2.01, 2.01)])),
    "route": (ROUTE, shapely.LineString([(100.0, 30.0), (100.05, 30.0), (100.06, 30.04)])),
    "point": (POINT, None),
}


def places(names: list[str]) -> Places:
    n = len(names)
    shape = np.empty(n, object)
    shape[:] = [SHAPES[name][1] for name in names]
    form = np.array([SHAPES[name][0] for name in names], np.uint8)
    return Places(form, np.full(n, 3.0), np.full(n, 4.0), shape)


def test_a_place_is_cut_as_if_it_were_alone() -> None:
    names = list(SHAPES)
    together = cut(places(names))
    for at, name in enumerate(names):
        alone, mine = cut(places([name])), slice(together.ptr[at], together.ptr[at + 1])
        assert (together.row[mine] == at).all()
        for column in ("a", "b", "lon", "lat", "half_m"):
            assert np.array_equal(getattr(together, column)[mine], getattr(alone, column)), (name, column)


@pytest.mark.parametrize("name", [name for name, (form, _) in SHAPES.items() if form != POINT])
def test_parts_are_short_and_whole(name: str) -> None:
    form, shape = SHAPES[name]
    parts = cut(places([name]))
    step = POLAR_STEP_M if np.abs(shapely.get_coordinates(shape)[:, 1]).max() > POLAR_LAT and form != ROUTE else STEP_M
    assert (2 * parts.half_m <= step + 0.1).all()
    lines = shapely.boundary(shape) if form == AREA else shape
    metres = sum(GEOD.line_length(*shapely.get_coordinates(line).T) for line in shapely.get_parts(lines))
    assert 2 * parts.half_m.sum() == pytest.approx(metres, rel=1e-5, abs=0.05)


def test_nothing_to_cut() -> None:
    assert len(cut(places([])).row) == 0
