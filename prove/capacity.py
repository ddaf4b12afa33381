"""`make prove-capacity`: nothing is sold twice, whoever writes, at every isolation level, on both databases.

First the table of guards, each with its case, with and without it. Then sixteen processes write SQL of their own while an
independent oracle looks on. Ends with status 1 when a guard is not the only one to catch its case, or more than all was sold.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import AbstractContextManager

from prove import guarding
from prove.hammer import PROCESSES, hammer
from prove.oracle import Verdict, table
from prove.stage import SHORT, Stage, postgresql_stage, sqlite_stage

LEVELS = ("read uncommitted", "read committed", "repeatable read", "serializable")
SECONDS = 1.5 if SHORT else 30.0  # of hammering, at each level


def say(line: str = "") -> None:
    print(line, flush=True)


def main() -> int:
    began, faults = time.monotonic(), 0
    for opened, levels in ((sqlite_stage(), (None,)), (postgresql_stage(), LEVELS)):
        faults += _on(opened, levels)
    say(f"{'PROVEN' if not faults else f'{faults} FAULTS'} in {time.monotonic() - began:.0f} s")
    return 1 if faults else 0


def _on(opened: AbstractContextManager[Stage], levels: tuple[str | None, ...]) -> int:
    with opened as stage:
        say(f"== {stage.name}")
        lines = guarding.lines(stage)
        for line in lines:
            say(f"{'ok   ' if line.proven else 'FAULT'} {line.guard}: {line.story}")
            say(f"        with it: {line.with_it}")
            say(f"        without: {line.without}")
        faults = sum(not line.proven for line in lines)
        return faults + sum(_hammered(stage, level) for level in levels)


def _hammered(stage: Stage, level: str | None) -> int:
    """Hammer at one level: 1 when more than all was sold at any look."""
    counts, verdicts = hammer(stage.site(), level, SECONDS)
    where = f"{stage.name}, {level}, row-level security on" if level else stage.name
    worst = max(verdicts, key=lambda verdict: (not verdict.holds, verdict.peak))
    say(f"-- {PROCESSES} processes, {SECONDS:g} s: {where}")
    say(f"    {_counted(counts)}")
    say(f"    {len(verdicts)} looks, the worst: {worst}; at the end, by day:")
    for line in table(verdicts[-1]):
        say(line)
    return 0 if _sound(verdicts, counts) else 1


def _sound(verdicts: list[Verdict], counts: Counter[str]) -> bool:
    """Never more than all; and the hammer did hit: it was let through, and refused."""
    return all(verdict.holds for verdict in verdicts) and counts["hold done"] > 0 and counts["hold refused"] > 0


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in sorted(counts))


if __name__ == "__main__":
    sys.exit(main())
