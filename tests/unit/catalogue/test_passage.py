"""Ways for a cable: what it fits into by area, and how many go through what."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.demand import supplied
from app.catalogue.kinds import KINDS
from app.catalogue.passage import cable_mm, passable, shared_out, too_narrow
from app.ledger.sections import Section, ways

STATED = {"bore_mm": 100, "subduct_bore_mm": 28, "fill_limit_pct": 50}


def test_fit_is_by_area_and_a_bore_that_nobody_states_promises_nothing() -> None:
    duct = KINDS["duct"]
    assert passable(duct, STATED, Decimal(14)) == ("hole", "subduct")
    assert passable(duct, STATED, Decimal(20)) == ("hole",)
    assert passable(duct, {**STATED, "subduct_bore_mm": None}, Decimal(14)) == ("hole",)
    assert passable(duct, {**STATED, "fill_limit_pct": 24}, Decimal(14)) == ("hole",)
    assert passable(KINDS["tower"], STATED, Decimal(14)) == ()
    assert cable_mm(duct, {"cable_diameter_mm": 0}) is None


@given(st.decimals(1, 120, places=1), st.integers(1, 100))
def test_what_fits_is_what_the_owner_reads(diameter: Decimal, limit: int) -> None:
    through = passable(KINDS["duct"], {**STATED, "fill_limit_pct": limit}, diameter)
    known = ways(Section(1, 1, Decimal(100), Decimal(28), Decimal(limit)), diameter)
    assert ("hole" in through, "subduct" in through) == (known.holes == 1, known.subducts == 1)


@given(st.integers(1, 9), st.integers(0, 5), st.integers(0, 5))
def test_holes_are_filled_first_and_nothing_is_promised_twice(units: int, holes: int, subducts: int) -> None:
    found = shared_out(units, {"hole": holes, "subduct": subducts}, ("hole", "subduct"))
    assert (found is None) == (holes + subducts < units)
    if found is not None:
        assert sum(found.values()) == units
        assert found.get("hole", 0) == min(units, holes)
        taken = {name: count * 1000 for name, count in found.items()}
        assert supplied(KINDS["duct"], taken, {"cable_diameter_mm": 14, "holes": units}) == units


def test_a_way_that_does_not_take_the_cable_is_named_and_one_asked_for_in_its_own_right_is_not() -> None:
    asked = {"holes": 1, "cable_diameter_mm": 20}
    (narrow,) = too_narrow(KINDS["duct"], STATED, asked, {"subduct": 1000})
    assert (narrow.dimension, narrow.fill_pct, narrow.limit_pct) == ("subduct", 52, Decimal(50))
    assert too_narrow(KINDS["duct"], STATED, asked, {"hole": 1000}) == ()
    assert too_narrow(KINDS["duct"], STATED, {**asked, "subducts": 1}, {"hole": 1000, "subduct": 1000}) == ()
    (unknown,) = too_narrow(KINDS["duct"], {}, asked, {"hole": 1000})
    assert unknown.fill_pct is None
    assert too_narrow(KINDS["duct"], {}, {"holes": 1}, {"hole": 1000}) == ()
