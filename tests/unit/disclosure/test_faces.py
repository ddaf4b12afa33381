"""What a face keeps: nothing of where inside its cell an asset stands, nothing graded above the viewer."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.declaration import Field
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.disclosure import AssetFacts, anchor, cell_bounds, cell_of, centre_of, snapped
from app.disclosure.faces import face
from app.kernel.geometry import distance_m

TOWER = KINDS["tower"]
FACTS = AssetFacts(
    id=1,
    ref="a" * 13,
    kind="tower",
    name="Shennan 12",
    owner_id=7,
    region="440304",
    geometry=shapely.Point(114.0579, 22.5431),
    owner_ref="SZ-12",
    address="1 Shennan Road",
    accuracy_m=0.5,
    attributes={"structure_height_m": 35, "utilisation_pct": 60},
    assumed=("structure_height_m", "utilisation_pct"),
    cell_region="440300",
)
lons, lats = st.floats(-180, 180), st.floats(-89.9, 89.9)
shares = st.floats(0.001, 0.999)


def inside(cell: tuple[int, int], east: float, north: float) -> shapely.Point:
    west, south, right, top = cell_bounds(*centre_of(cell))
    return shapely.Point(west + (right - west) * east, south + (top - south) * north)


@given(lons, lats, shares, shares, shares, shares)
def test_nothing_at_t1_depends_on_the_place_inside_the_cell(
    lon: float, lat: float, a: float, b: float, c: float, d: float
) -> None:
    cell = cell_of(lon, lat)
    one, other = (replace(FACTS, geometry=inside(cell, *shares)) for shares in ((a, b), (c, d)))
    assert cell_of(one.geometry.x, one.geometry.y) == cell
    assert face(one, Tier.T1, TOWER) == face(other, Tier.T1, TOWER)
    assert face(one, Tier.T0, TOWER) == face(other, Tier.T0, TOWER)


@given(st.lists(st.tuples(st.floats(114, 114.05), st.floats(22.5, 22.55), shares, shares), min_size=2, max_size=5))
def test_a_line_keeps_only_the_cells_of_its_vertices(vertices: list[tuple[float, float, float, float]]) -> None:
    exact = shapely.LineString([(lon, lat) for lon, lat, _a, _b in vertices])
    moved = shapely.LineString([inside(cell_of(lon, lat), a, b) for lon, lat, a, b in vertices])
    assert snapped(exact).equals(snapped(moved))


@given(lons, st.floats(-85, 85))
def test_a_cell_is_about_a_kilometre(lon: float, lat: float) -> None:
    west, south, east, north = cell_bounds(lon, lat)
    assert 900 < distance_m((west, south), (west, north)) < 1100
    assert 900 < distance_m((west, (south + north) / 2), (east, (south + north) / 2)) < 1100
    assert cell_of(*centre_of(cell_of(lon, lat))) == cell_of(lon, lat)


def test_what_identifies_the_place_is_gone_at_t1() -> None:
    seen = face(FACTS, Tier.T1, TOWER)
    assert (seen.name, seen.owner_ref, seen.address, seen.region, seen.accuracy_m) == (None, None, None, "440300", 1000)
    assert seen.attributes == {"structure_height_m": 35}
    assert seen.assumed == ("structure_height_m",)


def test_at_t0_there_is_only_a_kind_in_a_cell() -> None:
    seen = face(FACTS, Tier.T0, TOWER)
    assert (seen.id, seen.ref, seen.owner_id, seen.attributes, seen.region) == (None, None, None, {}, None)


@pytest.mark.parametrize(
    ("tier", "names"),
    [
        (Tier.T1, {"open"}),
        (Tier.T2, {"open"}),
        (Tier.T3, {"open", "guarded", "secret"}),
    ],
)
def test_attributes_are_shown_by_their_grade(tier: Tier, names: set[str]) -> None:
    fields = (
        Field("open", TOWER.label),
        Field("guarded", TOWER.label, grade="important"),
        Field("secret", TOWER.label, grade="core"),
    )
    kind = replace(TOWER, attributes=fields)
    facts = replace(FACTS, attributes={"open": 1, "guarded": 2, "secret": 3})
    assert set(face(facts, tier, kind).attributes) == names


def test_an_anchor_lies_on_its_geometry() -> None:
    bent = shapely.Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)])
    line = shapely.LineString([(0, 0), (2, 0), (2, 2)])
    assert bent.contains(shapely.Point(anchor(bent)))
    assert line.distance(shapely.Point(anchor(line))) < 1e-12
