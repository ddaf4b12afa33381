"""Vector tiles over HTTP, read back by a reader of the specification: what each viewer is shown, what is counted, boundaries'
names."""

from __future__ import annotations

import math
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from app.disclosure import snapped
from app.listings import mark_of
from app.listings.models import Listing
from tests.support.asking import HERE, Region, listed
from tests.unit.maps.decoding import Read, read_tile

INSIDE = [114.0561, 22.5410]  # the same cell of the grid as HERE


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def marks(client: Any, z: int = 12, query: str = "", at: list[float] = HERE) -> list[Read]:
    x, y = tile_of(*at, z)
    answer = client.get(f"/maps/tiles/listings/{z}/{x}/{y}.mvt?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    return read_tile(answer.data).get("listings", [])


def place(mark: Read, z: int = 12, at: list[float] = HERE) -> tuple[float, float]:
    x, y = tile_of(*at, z)
    [[(px, py)]] = mark.parts
    n = 2**z
    return (x + px / 4096) / n * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + py / 4096) / n))))


def test_nobody_outside_sees_listings(region: Region) -> None:
    x, y = tile_of(*HERE, 12)
    assert region.app.test_client().get(f"/maps/tiles/listings/12/{x}/{y}.mvt").status_code == 401


def test_each_sees_a_listing_at_its_tier(region: Region) -> None:
    exact, rough = listed(region, tier="T2"), listed(region, tier="T1")
    listed(region, tier="T0"), listed(region, tier="T0", at=INSIDE), listed(region, grade="core")
    seen = {mark.properties.get("ref"): mark for mark in marks(region.carrier)}
    assert set(seen) == {exact, rough, None}
    assert place(seen[exact]) == pytest.approx(tuple(HERE), abs=1e-4)
    cell = snapped(shapely.Point(HERE))
    assert place(seen[rough]) == pytest.approx((cell.x, cell.y), abs=1e-4)
    assert seen[rough].properties["state"] == "cell"
    hidden = seen[None]
    assert (hidden.properties["count"], hidden.properties["state"]) == (3, "cell")
    assert place(hidden) == pytest.approx((cell.x, cell.y), abs=1e-4)
    assert set(hidden.properties) == {"count", "state", "kind", "hue"}
    own = marks(region.grid)
    assert len(own) == 5
    assert all(mark.properties.get("ref") for mark in own)


def test_a_tile_is_the_same_wherever_in_its_cell_a_hidden_asset_stands(region: Region) -> None:
    ref = listed(region, tier="T1")
    asset = region.grid.get(f"/api/v1/listings/{ref}").json["asset"]["id"]

    def tiles() -> list[bytes]:
        return [
            bytes(region.carrier.get(f"/maps/tiles/listings/{z}/{x}/{y}.mvt").data)
            for z in (4, 10, 14, 17)
            for x, y in [tile_of(*HERE, z)]
        ]

    before = tiles()
    body = {"geometry": {"type": "Point", "coordinates": INSIDE}}
    assert region.grid.patch(f"/api/v1/assets/{asset}", json=body, headers={"If-Match": '"1"'}).status_code == 200
    assert tiles() == before


def test_many_are_counted_by_cells_of_the_tile_the_same_for_everybody(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.maps.listings.SINGLE", 4)
    for step in range(6):
        listed(region, tier=("T2", "T1", "T0")[step % 3], at=[HERE[0] + step / 2000, HERE[1]])
    seen = marks(region.carrier, z=6)
    assert [(mark.properties["count"], mark.properties["kind"], "ref" in mark.properties) for mark in seen] == [
        (6, "tower", False)
    ]
    assert region.carrier.get("/maps/tiles/listings/6/52/27.mvt").data == region.grid.get("/maps/tiles/listings/6/52/27.mvt").data
    assert sum(mark.properties["count"] for z in (7, 9, 11) for mark in marks(region.carrier, z=z)) == 18
    with region.bus.database.read() as session:
        faces = session.scalars(select(Listing.face_geom)).all()
    mean = sum(point.x for point in faces) / 6
    assert place(seen[0], z=6)[0] == pytest.approx(mean, abs=360 / 2**6 / 4096)


@pytest.mark.parametrize(
    ("query", "count"), [("kind=tower", 1), ("kind=room", 0), ("sector=power", 1), ("sector=telecom", 0), ("kind=lighthouse", 0)]
)
def test_tiles_are_filtered(region: Region, query: str, count: int) -> None:
    listed(region)
    assert len(marks(region.carrier, query=query)) == count


def test_only_what_is_open_is_drawn(region: Region) -> None:
    ref = listed(region)
    region.grid.post(
        f"/api/v1/listings/{ref}/suspend", headers={"If-Match": region.grid.get(f"/api/v1/listings/{ref}").headers["ETag"]}
    )
    assert marks(region.carrier) == marks(region.grid) == []


def test_an_unchanged_tile_is_not_sent_again(region: Region) -> None:
    listed(region)
    x, y = tile_of(*HERE, 12)
    address = f"/maps/tiles/listings/12/{x}/{y}.mvt"
    first = region.carrier.get(address)
    assert "private" in first.headers["Cache-Control"]
    assert region.carrier.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "address", ["/maps/tiles/listings/3/9/0.mvt", "/maps/boundaries/3/9/0.mvt", "/maps/boundaries/40/0/0.mvt"]
)
def test_there_is_no_such_tile(region: Region, address: str) -> None:
    assert region.carrier.get(address).status_code == 404


@pytest.mark.parametrize(("z", "level"), [(4, "province"), (7, "prefecture"), (10, "district")])
def test_boundaries_are_for_everybody_and_named_in_both_languages(region: Region, z: int, level: str) -> None:
    names: dict[str, str] = {}
    x, y = tile_of(*HERE, z)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            answer = region.app.test_client().get(f"/maps/boundaries/{z}/{x + dx}/{y + dy}.mvt")
            assert answer.status_code == 200
            assert "public" in answer.headers["Cache-Control"]
            features = read_tile(answer.data).get("boundaries", [])
            names |= {f.properties["name"]: f.properties["name_en"] for f in features if "name" in f.properties}
            assert {f.properties["level"] for f in features} <= {"province", "prefecture", "district"}
    expected = {"province": ("广东省", "Guangdong"), "prefecture": ("深圳市", "Shenzhen"), "district": ("福田区", "Futian")}[
        level
    ]
    assert expected[1] in names[expected[0]]


def test_a_mark_follows_its_face(region: Region) -> None:
    ref = listed(region, tier="T1")
    with region.bus.database.read() as session:
        row = session.scalars(select(Listing).where(Listing.ref == ref)).one()
        assert (row.mark_x, row.mark_y) == mark_of(snapped(shapely.Point(HERE)))
