"""What every measurement shares: interleaved timing on the clock and of the processor, the machine's name, rows of results.

A job's module has `run() -> list[Row]`; `python -m bench [name …]` runs them and keeps the rows (`results_file`), and renders
`docs/benchmarks.md` from all that is kept (`report`), each job under its module's docstring.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NotRequired, TypedDict

HERE = Path(__file__).resolve().parent
SLOW_S, SLOW_RUNS = 30.0, 3  # of what takes longer, so many runs are enough
BUSY = 0.2  # a job that kept this process's processor busy for less of its time was waiting for another process


class Row(TypedDict):
    """`ours` and `peer_value` in the metric's unit; `ratio`: how many times better ours is; `n`: repetitions; `spread`: the
    least and the most of ours; `load`: processes that wanted a core in the last minute, this one among them; `cpu`, `peer_cpu`:
    seconds of the processor, all threads of this process together."""

    job: str
    instance: str
    metric: str
    ours: float
    peer: str | None
    peer_value: float | None
    ratio: float | None
    n: int
    machine: str
    at: str
    spread: NotRequired[str | None]
    load: NotRequired[float]
    cpu: NotRequired[float]
    peer_cpu: NotRequired[float]


class Taken(dict[str, list[float]]):
    """Seconds on the clock of each job's runs; `cpu`: of the processor."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__({name: [] for name in names})
        self.cpu: dict[str, list[float]] = {name: [] for name in self}


def machine() -> str:
    """Processor, cores, memory, system and Python of this run."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def interleaved(jobs: Mapping[str, Callable[[], object]], n: int = 5) -> Taken:
    """Seconds of each job, run in turns n times, so that a busy machine is unfair to all alike; a slow one three times."""
    taken = Taken(jobs)
    for turn in range(n):
        for name, job in jobs.items():
            if turn >= SLOW_RUNS and min(taken[name]) > SLOW_S:
                continue
            gc.collect()
            begin, worked = time.perf_counter(), time.process_time()
            job()
            taken[name].append(time.perf_counter() - begin)
            taken.cpu[name].append(time.process_time() - worked)
    return taken


def row(
    job: str,
    instance: str,
    metric: str,
    ours: float,
    n: int,
    peer: str | None = None,
    peer_value: float | None = None,
    higher_is_better: bool = False,
    spread: str | None = None,
) -> Row:
    """One result; the ratio is above 1 where ours is better."""
    ratio = None
    if peer_value is not None and ours and peer_value:
        ratio = round(ours / peer_value if higher_is_better else peer_value / ours, 2)
    return Row(
        job=job,
        instance=instance,
        metric=metric,
        ours=ours,
        peer=peer,
        peer_value=peer_value,
        ratio=ratio,
        n=n,
        machine=machine(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        spread=spread,
        load=round(os.getloadavg()[0], 1),
    )


def spread_of(taken: Iterable[float]) -> str:
    """The least and the most of repeated measurements."""
    values = sorted(taken)
    return f"{shown(values[0])}–{shown(values[-1])}"


def medians(job: str, instance: str, metric: str, taken: Mapping[str, list[float]], ours: str) -> list[Row]:
    """A row per peer, of the medians; or one alone where there is none. Of what `interleaved` timed, the processor's time too."""
    mine, spread = round(statistics.median(taken[ours]), 6), spread_of(taken[ours])
    rows: list[Row] = []
    peers: list[str | None] = [name for name in taken if name != ours]
    for name in peers or [None]:
        theirs = None if name is None else round(statistics.median(taken[name]), 6)
        n = len(taken[ours if name is None else name])
        rows.append(row(job, instance, metric, mine, n, name, theirs, spread=spread))
        if isinstance(taken, Taken):
            _with_cpu(rows[-1], taken, ours, name)
    return rows


def _with_cpu(one: Row, taken: Taken, ours: str, peer: str | None) -> None:
    def of(name: str) -> float | None:
        worked = statistics.median(taken.cpu[name])
        return round(worked, 6) if worked > BUSY * statistics.median(taken[name]) else None

    if (mine := of(ours)) is not None:
        one["cpu"] = mine
    if peer is not None and (theirs := of(peer)) is not None:
        one["peer_cpu"] = theirs


def shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
