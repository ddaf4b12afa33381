"""From database rows to matches: a million listings with their ledger and a hundred thousand needs, read in one snapshot and
solved, to the columns that are ready to write.

*Load*: rows to the engine's columns. PostgreSQL gathers each column and sends it by binary COPY, over two connections on one
snapshot; SQLite's rows are turned over in chunks. *Processor s* are ours, and of the database's two backends where there are any.
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
    "j1.rows": """PostgreSQL's rows take 4.56 s, of which 3.38 are reading and 1.18 solving. Of the processor it is 3.1 s of ours and 3.35 s of
the database's: 6.45 s, which two cores cannot do in less than 3.2, however well they are shared. Measured once by statement, on a busy
machine, so that only shares count: of the database's time 38 % go to the listings (seven columns, 92 MB), 24 % to the totals (two, 68 MB),
21 % to what assets state (JSON opened for each value, 48 MB), 17 % to claims, needs and what they require. Of ours two thirds are reading
(places, offers, claims put to their listings) and one third the solve. Nearest that holds: 4.6 s. Not tried: what criteria compare kept
beside the JSON as columns, which would spare the database a fifth.""",
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
