"""In which order a run's tests are dealt to its processes: the long ones first, so that none is left alone with one at the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import pytest

from tests.support import databases


def dealt(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """What is marked as slow leads the part of each process (`worksteal` gives each a part of equal length, in order), a file as a
    whole, those of one database together; the others keep their order."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    parts: list[list[pytest.Item]] = [[] for _ in range(processes)]
    for number, path in enumerate(dict.fromkeys(item.path for item in slow)):
        parts[number % processes] += [item for item in slow if item.path == path]
    waiting = iter([item for item in items if not item.get_closest_marker("slow")])
    for part in parts:
        part.sort(key=_is_postgresql)
        part += islice(waiting, max(len(items) // processes - len(part), 0))
    return [*(item for part in parts for item in part), *waiting]


def _is_postgresql(item: pytest.Item) -> bool:
    on = getattr(item, "callspec", None)
    return on is not None and on.params.get("fresh_database") == databases.POSTGRESQL
