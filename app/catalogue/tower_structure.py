"""The structures that carry antennas, and what follows from one: how high an antenna may reach, whether it may be shared at all.

Sources: GB 50545 (clearance under conductors), YD 5191 (strengthening), product.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.catalogue.declaration import Choice
from app.catalogue.profiles import Profile
from app.kernel.text import Text

STRUCTURES = (
    Choice("lattice", Text("Lattice tower", "角钢塔"), ("角钢塔", "铁塔", "steel lattice", "lattice tower")),
    Choice("monopole", Text("Monopole", "单管塔"), ("单管塔", "单管", "pole")),
    Choice("guyed", Text("Guyed mast", "拉线塔"), ("拉线塔", "guyed mast", "guyed tower")),
    Choice(
        "power_line", Text("High-voltage tower", "高压输电塔"), ("输电塔", "电力塔", "高压塔", "transmission structure", "pylon")
    ),
    Choice("lamp_pole", Text("Lamp pole", "灯杆"), ("灯杆", "路灯杆", "多功能杆", "street light", "light pole")),
    Choice("gantry", Text("Gantry", "门架"), ("门架", "龙门架")),
    Choice("camera_pole", Text("Camera pole", "监控杆"), ("监控杆", "摄像杆")),
    Choice("rooftop", Text("Rooftop", "楼顶"), ("楼顶", "屋顶", "roof")),
    Choice("other", Text("Other structure", "其他结构"), ("其他",)),
)


def antenna_top_limit_m(attributes: Mapping[str, Any], profile: Profile | None) -> float | None:
    """The structure's height; under conductors the lowest of them less the clearance of the line's voltage.

    A high-voltage tower without its lowest conductor, its voltage or a clearance for it promises no height."""
    if attributes.get("structure") != "power_line":
        height = attributes.get("structure_height_m")
        return None if height is None else float(height)
    conductor, voltage = attributes.get("lowest_conductor_m"), attributes.get("voltage_kv")
    clearance = profile.clearance_m(voltage) if profile is not None and voltage is not None else None
    if conductor is None or clearance is None:
        return None
    return max(0.0, float(Decimal(str(conductor)) - clearance.clearance_m))


MOST_MOUNTS = 50  # of one need


def mounts_unstrengthened(attributes: Mapping[str, Any], profile: Profile | None) -> int:
    """None where foundation or main members would have to be strengthened first: not suitable for sharing (YD 5191). Where nobody
    found that, any number; its loads are judged for themselves."""
    return 0 if attributes.get("strengthening") == "main" else MOST_MOUNTS
