"""The New Zealand instance: Transpower's transmission structures as tower listings, OpenCelliD's cells as needs of three
carriers.

Places and structure types are real; heights, capacity, prices, reach and requirements are derived from row numbers by the rules
below, and stand
for nothing but a size and a mix. Data: `../shared/data/*/SOURCE.txt`.
"""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

from app.catalogue.kinds import KINDS
from app.catalogue.tower_structure import MOST_MOUNTS
from app.engine import Capacity, Claim, ListingRow, NeedRow

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
STRUCTURES = DATA / "transpower_nz" / "Structures-shp.zip"
CELLS = DATA / "nz_cells_opencellid" / "cell-towers.geojson.gz"
TOWER = KINDS["tower"]
FIRST = date(2026, 1, 1).toordinal()
YEAR = 365
UNSTRENGTHENED = {"mounts_unstrengthened": MOST_MOUNTS}  # what follows where nobody asks for strengthening
REACH_M = {"2G": 3000, "3G": 2000, "4G": 1500, "5G": 800}


def listings() -> list[ListingRow]:
    _, _, wkb, (names, kinds) = pyogrio.raw.read(f"/vsizip/{STRUCTURES}", columns=["MXLOCATION", "LongType"])
    xy = shapely.get_coordinates(shapely.from_wkb(wkb))
    lon, lat = Transformer.from_crs(2193, 4326, always_xy=True).transform(xy[:, 0], xy[:, 1])
    assert len(names) == len(kinds)
    return [_listing(i, lon[i], lat[i], "Tower" in str(kinds[i])) for i in range(len(names))]


def _listing(i: int, lon: float, lat: float, tower: bool) -> ListingRow:
    load = (200 + 37 * (i % 17)) * 1000
    claims = (Claim(FIRST + 30 * (i % 40), FIRST + 30 * (i % 40) + 2 * YEAR, amount_milli=load // 3),) if i % 3 == 0 else ()
    taken = (Claim(FIRST, FIRST + YEAR * (1 + i % 4), slot=1 + i % 3),) if i % 2 else ()
    return ListingRow(
        i + 1,
        "tower",
        1,
        shapely.Point(lon, lat),
        price_minor=-1 if i % 11 == 0 else (8000 + 97 * (i % 101)) * 100,
        currency="" if i % 11 == 0 else "NZD",
        start=FIRST,
        end=FIRST + YEAR * (5 + i % 20),
        values=UNSTRENGTHENED | ({} if i % 23 == 0 else {"antenna_top_limit_m": (22 if tower else 9) + i % 13 / 2}),
        capacity={
            "platform": Capacity(3000, 3000, taken),
            "load_kg": Capacity(load, load, claims),
            "power_kw": Capacity(i % 7 * 1000, 6000),
        },
    )


def needs() -> list[NeedRow]:
    features = json.loads(gzip.decompress(CELLS.read_bytes()))["features"]
    carriers = {name: 2 + k for k, name in enumerate(sorted({str(f["properties"]["carrier"]) for f in features}))}
    return [_need(i, f, carriers) for i, f in enumerate(features)]


def _need(i: int, feature: dict[str, dict[str, object]], carriers: dict[str, int]) -> NeedRow:
    lon, lat = feature["geometry"]["coordinates"]  # type: ignore[misc]
    start = FIRST + 15 * (i % 60)
    return NeedRow(
        i + 1,
        "tower",
        carriers[str(feature["properties"]["carrier"])],
        shapely.Point(lon, lat),
        radius_m=REACH_M.get(str(feature["properties"]["technology"]), 2000),
        budget_minor=-1 if i % 9 == 0 else (9000 + 71 * (i % 97)) * 100,
        currency="" if i % 9 == 0 else "NZD",
        start=start,
        end=start + YEAR * (2 + i % 6),
        values={"mounts": 1 + i % 3, "height_m": 8 + i % 20, "load_kg": 40 + 13 * (i % 30), "power_kw": i % 4},
    )


def brute_force(towers: list[ListingRow], cells: list[NeedRow]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(need, listing, metres) by Karney's geodesic of every pair within 1.05 × the reach on the national grid, whose scale is
    within 1 %."""
    from pyproj import Geod
    from scipy.spatial import cKDTree

    flat = Transformer.from_crs(4326, 2193, always_xy=True)
    there = np.column_stack(flat.transform([r.place.x for r in towers], [r.place.y for r in towers]))
    here = np.column_stack(flat.transform([r.place.x for r in cells], [r.place.y for r in cells]))
    near = cKDTree(there).query_ball_point(here, [r.radius_m * 1.05 + 5 for r in cells])
    q = np.repeat(np.arange(len(cells)), [len(n) for n in near])
    i = np.concatenate([np.asarray(n, np.int64) for n in near])
    at = np.array([[r.place.x, r.place.y] for r in cells])[q], np.array([[r.place.x, r.place.y] for r in towers])[i]
    metres = Geod(ellps="WGS84").inv(at[0][:, 0], at[0][:, 1], at[1][:, 0], at[1][:, 1])[2]
    return q, i, metres
