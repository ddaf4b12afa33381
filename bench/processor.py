"""What a server's processes have used of the processor: a measure of a request that a busy machine does not stretch."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

TICKS = float(os.sysconf("SC_CLK_TCK"))


def used(root: int) -> float:
    """Seconds of a process and of all that it started, as long as they run; to a hundredth."""
    below: dict[int, list[int]] = defaultdict(list)
    spent: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        below[int(fields[1])].append(int(stat.parent.name))
        spent[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / TICKS
    found, waiting = 0.0, [root]
    while waiting:
        process = waiting.pop()
        found += spent.get(process, 0.0)
        waiting += below[process]
    return found
