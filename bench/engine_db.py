"""From database rows to matches: a million listings with their ledger and a hundred thousand needs, read in one snapshot and
solved, to the columns that are ready to write.

*Load*: rows to the engine's columns. PostgreSQL puts numbers into records and gathers them into strings of bytes, sent by binary COPY
over two connections on one snapshot; SQLite's rows are turned over in chunks. *Processor s* are ours, and of the database's two
backends where there are any. As a worker of jobs does, the process keeps the memory of one run for the next.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from app.db.work import Bus
from app.engine import Params, Problem, keep_memory, solve, warm
from app.matching.source import Scope, load_problem
from bench import common, databases, national_rows
from bench.instances import national

JOB = "J1 national batch, from the database"
WHOLE = True  # a run replaces every row of its job
LISTINGS, NEEDS, CLAIMED, N = 1_000_000, 100_000, 0.3, 5
TICKS = 100.0  # of processor time, a second, in /proc
Found = dict[str, list[float]]
PROFILES = {
    "j1.rows": """Measured by turns with the way before, on a machine that others used, so that only the processor's seconds count: 2.05 of
ours and 2.75 of the database's, 4.8 together, where it was 3.6 and 3.35. Before, ours were for two fifths the kernel's, which cleared
pages that a run had given back and fetched again; a process keeps them now. Tables are read from their beginning, so that nothing is
sorted, and numbers come as records in one string of bytes. Of the database's time 34 % go to the listings (scan and filter 0.2 s, then
0.09 s for each of seven columns), 24 % to what assets state (JSON opened for each value), 23 % to totals, 19 % to claims, needs and
what they require. Of ours a tenth is the hash of the inputs, a fifth kernels, the rest columns put to columns. Not tried: a copy in
bytes of what matching reads, stored beside the rows: a column of bytes is sent for 0.06 s a million, which would spare the database
a second.""",
}


def run() -> list[common.Row]:
    return measured(LISTINGS, NEEDS, N)


def measured(listings: int, needs: int, n: int) -> list[common.Row]:
    """The whole way on both engines."""
    warm()
    keep_memory()  # as whoever runs the jobs does
    rows: list[common.Row] = []
    problem = national(listings, needs, claimed=CLAIMED)
    instance = f"{listings:,} × {needs:,}, 30 % with claims"
    with databases.both() as places:
        for place in places:
            begin = time.perf_counter()
            national_rows.fill(place, problem)
            print(f"{place.name}: filled in {time.perf_counter() - begin:.0f} s")
            bus = place.bus()
            once(bus)
            rounds = [once(bus) for _ in range(n)]
            bus.database.dispose()
            rows += _rows(f"{instance}, {place.name}", {name: [r[name] for r in rounds] for name in rounds[0]})
    return rows


def _rows(instance: str, taken: Found) -> list[common.Row]:
    return [
        common.row(JOB, instance, metric, round(statistics.median(values), 3), len(values), spread=common.spread_of(values))
        for metric, values in taken.items()
    ]


def once(bus: Bus) -> dict[str, float]:
    """Seconds of one run."""
    cpu, clock = time.process_time(), [time.perf_counter()]
    with bus.database.snapshot() as session, bus.database.beside(session) as second:
        backends = _backends(session, second)
        before = backends()
        problem: Problem = load_problem(session, Scope(), beside=second)
        served = backends() - before
    clock.append(time.perf_counter())
    solve(problem, Params(near_k=0))
    clock.append(time.perf_counter())
    return {
        "s, rows to matches in columns": clock[2] - clock[0],
        "s, of which load": clock[1] - clock[0],
        "processor s, ours": time.process_time() - cpu,
        "processor s, the database's": served,
    }


def _backends(*sessions: Session | None) -> Callable[[], float]:
    """What the processes that serve these sessions have used so far: none on SQLite, which runs in ours."""
    connections = [s.connection().connection.dbapi_connection for s in sessions if s is not None]
    files = [Path(f"/proc/{c.info.backend_pid}/stat") for c in connections if c is not None and hasattr(c, "info")]

    def used() -> float:
        return sum(sum(map(int, file.read_text().rsplit(")", 1)[1].split()[11:13])) for file in files if file.exists()) / TICKS

    return used
