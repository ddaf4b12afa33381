"""The trees of the United States and of the European Union's member states: codes and names, and where their boundaries come
from.

Boundaries are packaged with the front end (npm us-atlas, US Census; world-atlas, Natural Earth 1:10m). Without them the trees
still have their names, and records state their region.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from app.catalogue.regions import Region, RegionTree
from app.config import ROOT
from app.kernel.text import Text
from app.regions.shapes import EMPTY, Shapes

PACKAGES = ROOT / "frontend" / "node_modules"

# ISO 3166-2 suffix, FIPS number of us-atlas, name, Chinese name.
_STATES = """
AL 01 Alabama 亚拉巴马州|AK 02 Alaska 阿拉斯加州|AZ 04 Arizona 亚利桑那州|AR 05 Arkansas 阿肯色州|CA 06 California 加利福尼亚州|CO 08 Colorado 科罗拉多州
CT 09 Connecticut 康涅狄格州|DE 10 Delaware 特拉华州|DC 11 District of Columbia 哥伦比亚特区|FL 12 Florida 佛罗里达州|GA 13 Georgia 佐治亚州
HI 15 Hawaii 夏威夷州
ID 16 Idaho 爱达荷州|IL 17 Illinois 伊利诺伊州|IN 18 Indiana 印第安纳州|IA 19 Iowa 艾奥瓦州|KS 20 Kansas 堪萨斯州|KY 21 Kentucky 肯塔基州
LA 22 Louisiana 路易斯安那州
ME 23 Maine 缅因州|MD 24 Maryland 马里兰州|MA 25 Massachusetts 马萨诸塞州|MI 26 Michigan 密歇根州|MN 27 Minnesota 明尼苏达州|MS 28 Mississippi 密西西比州
MO 29 Missouri 密苏里州|MT 30 Montana 蒙大拿州|NE 31 Nebraska 内布拉斯加州|NV 32 Nevada 内华达州|NH 33 New Hampshire 新罕布什尔州|NJ 34 New Jersey 新泽西州
NM 35 New Mexico 新墨西哥州|NY 36 New York 纽约州|NC 37 North Carolina 北卡罗来纳州|ND 38 North Dakota 北达科他州|OH 39 Ohio 俄亥俄州
OK 40 Oklahoma 俄克拉何马州
OR 41 Oregon 俄勒冈州|PA 42 Pennsylvania 宾夕法尼亚州|RI 44 Rhode Island 罗得岛州|SC 45 South Carolina 南卡罗来纳州|SD 46 South Dakota 南达科他州
TN 47 Tennessee 田纳西州
TX 48 Texas 得克萨斯州|UT 49 Utah 犹他州|VT 50 Vermont 佛蒙特州|VA 51 Virginia 弗吉尼亚州|WA 53 Washington 华盛顿州|WV 54 West Virginia 西弗吉尼亚州
WI 55 Wisconsin 威斯康星州|WY 56 Wyoming 怀俄明州|AS 60 American Samoa 美属萨摩亚|GU 66 Guam 关岛|MP 69 Northern Mariana Islands 北马里亚纳群岛
PR 72 Puerto Rico 波多黎各
VI 78 U.S. Virgin Islands 美属维尔京群岛
"""
# ISO 3166-1 code, numeric code of world-atlas, name, Chinese name.
_MEMBERS = """
AT 040 Austria 奥地利|BE 056 Belgium 比利时|BG 100 Bulgaria 保加利亚|HR 191 Croatia 克罗地亚|CY 196 Cyprus 塞浦路斯|CZ 203 Czechia 捷克
DK 208 Denmark 丹麦|EE 233 Estonia 爱沙尼亚
FI 246 Finland 芬兰|FR 250 France 法国|DE 276 Germany 德国|GR 300 Greece 希腊|HU 348 Hungary 匈牙利|IE 372 Ireland 爱尔兰|IT 380 Italy 意大利
LV 428 Latvia 拉脱维亚|LT 440 Lithuania 立陶宛
LU 442 Luxembourg 卢森堡|MT 470 Malta 马耳他|NL 528 Netherlands 荷兰|PL 616 Poland 波兰|PT 620 Portugal 葡萄牙|RO 642 Romania 罗马尼亚
SK 703 Slovakia 斯洛伐克
SI 705 Slovenia 斯洛文尼亚|ES 724 Spain 西班牙|SE 752 Sweden 瑞典
"""


@dataclass(frozen=True)
class Listed:
    """A tree that is listed here. `numbers`: the id of each region in the boundary file's layer."""

    tree: RegionTree
    numbers: Mapping[str, str]
    file: Path
    layer: str

    def shapes(self) -> Shapes:
        """The boundaries of the package, or none when it is not installed."""
        if not self.file.exists():
            return EMPTY
        from pyogrio.raw import read  # GDAL takes half a second to load, and most processes read no boundaries

        meta, _, blobs, columns = read(self.file, layer=self.layer, columns=["id"])
        ids = [str(value) for value in columns[list(meta["fields"]).index("id")]]
        polygons: dict[str, Any] = {
            self.numbers[n]: shapely.from_wkb(blob) for n, blob in zip(ids, blobs, strict=True) if n in self.numbers
        }
        return Shapes.of(polygons)


def _rows(table: str) -> list[tuple[str, str, str, str]]:
    rows = [row.split(" ") for row in table.strip().replace("\n", "|").split("|")]
    return [(row[0], row[1], " ".join(row[2:-1]), row[-1]) for row in rows]


def _states() -> Listed:
    nation = Region("US", Text("United States", "美国"), "national", None)
    states = [Region(f"US-{code}", Text(en, zh), "province", "US") for code, _, en, zh in _rows(_STATES)]
    source = Text("Boundaries: US Census Bureau, by npm us-atlas", "边界数据：美国人口普查局（npm us-atlas）")
    numbers = {number: f"US-{code}" for code, number, _, _ in _rows(_STATES)}
    return Listed(RegionTree.of("us", [nation, *states], source), numbers, PACKAGES / "us-atlas" / "states-10m.json", "states")


def _members() -> Listed:
    members = [Region(code, Text(en, zh), "national", None) for code, _, en, zh in _rows(_MEMBERS)]
    source = Text("Boundaries: Natural Earth 1:10m, by npm world-atlas", "边界数据：Natural Earth 1:10m（npm world-atlas）")
    numbers = {number: code for code, number, _, _ in _rows(_MEMBERS)}
    return Listed(RegionTree.of("eu", members, source), numbers, PACKAGES / "world-atlas" / "countries-10m.json", "countries")


UNITED_STATES, EUROPEAN_UNION = _states(), _members()
LISTED = {listed.tree.code: listed for listed in (UNITED_STATES, EUROPEAN_UNION)}
