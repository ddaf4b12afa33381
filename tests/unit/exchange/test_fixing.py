"""Corrections of cells: the newest of each cell counts, what was wrong with it is forgotten, nothing else moves."""

from __future__ import annotations

import pytest
import shapely

from app.exchange.fixing import MOST, Fix, corrected, merged
from app.exchange.problems import fault_name, problem
from app.exchange.reading.model import GEOMETRY, Column, Row, Source, Table
from app.kernel.errors import DomainError


def source() -> Source:
    columns = [Column(n, letter, (letter.lower(),)) for n, letter in enumerate("ABC")]
    rows = [Row(2, ["x", 1, 2]), Row(3, ["y"], shapely.to_wkb(shapely.Point(1, 2)))]
    return Source("f", "CSV", [Table("s", columns, rows, problems=[problem("cell_error", sheet="s", row=2, column="B")])])


def test_a_cell_is_read_as_corrected_and_its_fault_is_gone() -> None:
    found = corrected(
        source(), [Fix("s", 2, "B", "7"), Fix("s", 3, "C", "9"), Fix("s", 9, "A", "no such row"), Fix("t", 2, "A", "")]
    )
    table = found.tables[0]
    assert [row.cells for row in table.rows] == [["x", "7", 2], ["y", None, "9"]]
    assert table.problems == []


def test_a_geometry_is_corrected_as_wkt_and_what_is_none_is_refused() -> None:
    fixed = corrected(source(), [Fix("s", 3, GEOMETRY, "POINT (114 22)")]).tables[0].rows[1].geometry
    assert shapely.from_wkb(fixed) == shapely.Point(114, 22)
    with pytest.raises(DomainError):
        merged((), [Fix("s", 3, GEOMETRY, "somewhere")])


def test_the_newest_correction_of_a_cell_counts_and_can_be_taken_back() -> None:
    known = merged((), [Fix("s", 2, "B", "7"), Fix("s", 2, "C", "8")])
    assert merged(known, [Fix("s", 2, "B", "9")]) == (Fix("s", 2, "B", "9"), Fix("s", 2, "C", "8"))
    assert merged(known, (), [("s", 2, "B"), ("s", 99, "B")]) == (Fix("s", 2, "C", "8"),)
    with pytest.raises(DomainError):
        merged((), [Fix("s", n, "A", "1") for n in range(MOST + 1)])


def test_a_kind_of_fault_is_named_without_the_values_of_one() -> None:
    found = fault_name("not_number")
    assert found is not None
    assert (found.en, found.zh) == ("… is not a number.", "…不是数值。")
    assert fault_name("elsewhere") is None
