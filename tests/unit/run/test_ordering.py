"""The order in which a run's tests are dealt to its processes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.ordering import dealt


def item(file: str, number: int, database: str = "sqlite", slow: bool = False) -> Any:
    params = {"fresh_database": database}
    return SimpleNamespace(
        path=Path(file), number=number, callspec=SimpleNamespace(params=params), get_closest_marker=lambda name: slow or None
    )


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
def test_slow_files_lead_the_parts_and_nothing_is_lost(processes: int) -> None:
    short = [item("short", number) for number in range(90)]
    slow = [item(f"slow {n}", n, database, True) for n in range(5) for database in ("postgresql", "sqlite")]
    found = dealt([*short[:50], *slow, *short[50:]], processes)
    assert sorted(map(id, found)) == sorted(map(id, [*short, *slow]))
    assert [one for one in found if one in short] == short
    length = 100 // processes
    for process in range(processes):
        part = found[process * length : (process + 1) * length]
        files = [one.path.name for one in part]
        leading = [name for name in files if name != "short"]
        assert files[: len(leading)] == leading
        assert {int(name[5:]) % processes for name in leading} <= {process}
        led = [one.callspec.params["fresh_database"] for one in part[: len(leading)]]
        assert led == sorted(led, reverse=True)


def test_more_slow_ones_than_a_part_holds() -> None:
    slow = [item("slow", number, slow=True) for number in range(10)]
    short = [item("short", number) for number in range(2)]
    assert [one.number for one in dealt([*short, *slow], 3)] == [*range(10), 0, 1]
