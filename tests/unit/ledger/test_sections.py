"""Cables through duct sections: the fill by area, and a route's capacity as its worst section's."""

from __future__ import annotations

from decimal import Decimal
from math import pi

from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.duct_fill import largest_mm
from app.ledger.sections import Section, Ways, capacity, fill_pct, passes, ways

diameters = st.decimals(1, 200, places=1)


def section(holes: int, subducts: int = 0, subduct_bore: int | None = 28, limit: int = 50) -> Section:
    bore = None if subduct_bore is None else Decimal(subduct_bore)
    return Section(holes, subducts, Decimal(100), bore, Decimal(limit))


def test_the_scenario_of_four_sections() -> None:
    """Free 2/0/3/1; the second has one spare subduct of 28 mm; the cable has 14 mm: a quarter of the subduct's area."""
    route = [section(2), section(0, 1), section(3), section(1)]
    assert fill_pct(Decimal(14), Decimal(28)) == 25
    assert ways(route[1], Decimal(14)) == Ways(0, 1)
    assert capacity(route, Decimal(14)) == 1
    assert capacity([section(2), section(0, 1, limit=20), section(3), section(1)], Decimal(14)) == 0, "the fill does not pass"
    assert capacity([section(2), section(0, 1, None), section(3), section(1)], Decimal(14)) == 0, "a bore that nobody states"


@given(diameters, diameters, st.integers(1, 100))
def test_the_fill_is_the_share_of_the_area(cable: Decimal, bore: Decimal, limit: int) -> None:
    by_area = 100 * (pi * float(cable) ** 2 / 4) / (pi * float(bore) ** 2 / 4)
    assert abs(float(fill_pct(cable, bore)) - by_area) < 1e-6 * by_area
    largest = largest_mm(bore, Decimal(limit))
    assert largest is not None
    assert passes(largest, bore, Decimal(limit))
    assert not passes(largest + Decimal("0.1"), bore, Decimal(limit))
