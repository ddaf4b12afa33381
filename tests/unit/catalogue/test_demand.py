"""What each kind of need takes from the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from app.catalogue.demand import demand, supplied
from app.catalogue.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "requirements", "expected"),
    [
        (
            "tower",
            {"mounts": 2, "height_m": 30, "load_kg": 45.5, "wind_area_m2": 0, "power_kw": None},
            {"platform": 2000, "load_kg": 45_500},
        ),
        ("cable", {"pairs": 3, "attenuation_db_km": 0.3}, {"core": 6000}),
        ("duct", {"holes": 1, "subducts": 2, "cable_diameter_mm": 14}, {"hole": 1000, "subduct": 2000}),
        ("room", {"rack_units": 12, "power_kw": 3.5}, {"rack_unit": 12_000, "power_kw": 3500}),
        ("tower", {}, {}),
    ],
)
def test_demand(kind: str, requirements: dict[str, Any], expected: dict[str, int]) -> None:
    assert demand(KINDS[kind], requirements) == expected


@pytest.mark.parametrize("kind", ["tower", "cable", "duct", "room"])
@pytest.mark.parametrize("count", [1, 3])
def test_what_is_demanded_supplies_the_quantity(kind: str, count: int) -> None:
    declared = KINDS[kind]
    assert supplied(declared, demand(declared, {declared.quantity: count})) == count
    assert supplied(declared, {}) == 0
