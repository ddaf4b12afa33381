"""A jurisdiction that only tests know: `test-nz`, whose profile brings its own region tree.

Its regions are the cells nearest to each region's seat, not the legal boundaries: every place on the islands lies in exactly one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import shapely

from app.catalogue.profiles import Profile, get_profile, register_profile, unregister_profile
from app.catalogue.regions import Region, RegionTree
from app.kernel.actor import Competence
from app.kernel.text import Text
from app.regions import register_tree, unregister_tree

PROFILE, TREE = "test-nz", "test-nz"
ISLANDS = shapely.box(166.0, -47.6, 179.0, -34.0)
SEATS = {
    "NTL": ("Northland", "北地", 174.32, -35.73),
    "AUK": ("Auckland", "奥克兰", 174.76, -36.85),
    "WKO": ("Waikato", "怀卡托", 175.28, -37.79),
    "BOP": ("Bay of Plenty", "丰盛湾", 176.99, -37.95),
    "GIS": ("Gisborne", "吉斯伯恩", 178.02, -38.66),
    "HKB": ("Hawke's Bay", "霍克斯湾", 176.91, -39.49),
    "TKI": ("Taranaki", "塔拉纳基", 174.28, -39.34),
    "MWT": ("Manawatū-Whanganui", "马纳瓦图-旺阿努伊", 175.61, -40.36),
    "WGN": ("Wellington", "惠灵顿", 174.78, -41.29),
    "TAS": ("Tasman", "塔斯曼", 172.98, -41.34),
    "NSN": ("Nelson", "纳尔逊", 173.28, -41.27),
    "MBH": ("Marlborough", "马尔堡", 173.96, -41.51),
    "WTC": ("West Coast", "西海岸", 171.21, -42.45),
    "CAN": ("Canterbury", "坎特伯雷", 172.64, -43.53),
    "OTA": ("Otago", "奥塔哥", 170.50, -45.87),
    "STL": ("Southland", "南地", 168.35, -46.41),
}


def region_polygons() -> dict[str, shapely.Polygon]:
    """The cell of each region's seat, by code."""
    seats = shapely.MultiPoint([(lon, lat) for _, _, lon, lat in SEATS.values()])
    cells = shapely.voronoi_polygons(seats, extend_to=ISLANDS, ordered=True)
    return {f"NZ-{code}": shapely.intersection(cell, ISLANDS) for code, cell in zip(SEATS, cells.geoms, strict=True)}


def region_tree() -> RegionTree:
    nation = Region("NZ", Text("New Zealand", "新西兰"), "national", None)
    regions = [Region(f"NZ-{code}", Text(en, zh), "province", "NZ") for code, (en, zh, _, _) in SEATS.items()]
    return RegionTree.of(TREE, [nation, *regions], Text("made by a test", "测试数据"))


def profile() -> Profile:
    """The default's rules, with the money, calendar and levels of New Zealand: one nation decides."""
    base = get_profile("cn-default")
    clocks = tuple(replace(clock, calendar="working_days:NZ") for clock in base.clocks)
    return replace(
        base,
        code=PROFILE,
        name=Text("New Zealand (test)", "新西兰（测试）"),
        currency="NZD",
        language="en",
        time_zone="Pacific/Auckland",
        region_tree=TREE,
        levels=("national", "province"),
        competent_level="national",
        clocks=clocks,
    )


def competences(administration_id: int, power_regulator_id: int) -> tuple[Competence, ...]:
    """What its two regulators may decide."""
    nation = frozenset({"NZ"})
    return (
        Competence(administration_id, "communications", "national", frozenset(), nation),
        Competence(power_regulator_id, "sector", "national", frozenset({"power"}), nation),
    )


def register() -> Profile:
    """Add the profile and its tree to this process."""
    register_tree(region_tree(), region_polygons())
    return register_profile(profile())


def unregister() -> None:
    unregister_profile(PROFILE)
    unregister_tree(TREE)


@contextmanager
def jurisdiction() -> Iterator[Profile]:
    """`with jurisdiction() as profile:` for the duration of a test."""
    try:
        yield register()
    finally:
        unregister()
