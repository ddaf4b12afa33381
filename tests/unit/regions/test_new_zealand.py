"""A profile brings its own region tree: the jurisdiction of the real power input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio.raw
import pytest
import shapely
from pyproj import Transformer

from app.approvals.rules import competent
from app.catalogue.profiles import Profile
from app.kernel.errors import DomainError
from app.regions import get_atlas, locate, locate_one, region_name
from tests.support import new_zealand

ADMINISTRATION, POWER = 7, 8


@pytest.fixture
def nz() -> Iterator[Profile]:
    with new_zealand.jurisdiction() as profile:
        yield profile


def test_places_lie_in_their_regions(nz: Profile) -> None:
    assert locate_one(174.7633, -36.8485, nz.region_tree) == "NZ-AUK"
    assert locate_one(172.6362, -43.5321, nz.region_tree) == "NZ-CAN"
    assert locate_one(151.2, -33.9, nz.region_tree) is None
    assert region_name("NZ-WGN").in_("zh_CN") == "惠灵顿"


def test_the_cells_cover_the_islands_once(nz: Profile) -> None:
    polygons = get_atlas(nz.region_tree).shapes.polygons
    assert sum(shapely.area(polygons)) == pytest.approx(new_zealand.ISLANDS.area)
    assert shapely.union_all(polygons).symmetric_difference(new_zealand.ISLANDS).area < 1e-9


def test_its_two_regulators_decide(nz: Profile) -> None:
    register = new_zealand.competences(ADMINISTRATION, POWER)
    required = competent(nz, ["NZ-AUK", "NZ-CAN"], ["power"], "telecom", (), "general", register, (1, 2))
    assert {one.regulator_org_id: (one.mode, one.region) for one in required} == {
        ADMINISTRATION: ("decide", "NZ"),
        POWER: ("decide", "NZ"),
    }
    with pytest.raises(DomainError):
        competent(nz, ["NZ-AUK"], ["transport"], "telecom", (), "general", register, (1, 2))


@pytest.mark.real_data
def test_every_transmission_structure_has_a_region(nz: Profile, shared_data: Callable[[str], Path]) -> None:
    _, _, blobs, _ = pyogrio.raw.read(shared_data("transpower_nz/Structures-shp.zip"), columns=[])
    east, north = shapely.get_coordinates(shapely.from_wkb(blobs)).T
    lon, lat = Transformer.from_crs(2193, 4326, always_xy=True).transform(east, north)
    found = Counter(locate(lon, lat, nz.region_tree).tolist())
    assert sum(found.values()) == 38_128
    assert "" not in found
    assert len(found) == 15  # no line reaches the cell of Gisborne
