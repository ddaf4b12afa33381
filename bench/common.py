"""What every measurement shares: interleaved timing, the machine's name, rows of results, and the table made of them.

A job's module has `run() -> list[Row]`; `python -m bench [name …]` runs them, writes `bench/results/<name>.json` and renders
`docs/benchmarks.md` from all results there, each under its module's docstring.
"""

from __future__ import annotations

import ast
import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NotRequired, TypedDict

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
TABLE = HERE.parent / "docs" / "benchmarks.md"


class Row(TypedDict):
    """`ours` and `peer_value` in the metric's unit; `ratio`: how many times better ours is; `n`: repetitions; `spread`: the
    least and the most of ours; `load`: processes that wanted a core in the last minute, this one among them."""

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


def interleaved(jobs: Mapping[str, Callable[[], object]], n: int = 5) -> dict[str, list[float]]:
    """Seconds of each job, run in turns n times, so that a busy machine is unfair to all alike."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(n):
        for name, job in jobs.items():
            gc.collect()
            begin = time.perf_counter()
            job()
            taken[name].append(time.perf_counter() - begin)
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
    return f"{_shown(values[0])}–{_shown(values[-1])}"


def medians(job: str, instance: str, metric: str, taken: Mapping[str, list[float]], ours: str) -> list[Row]:
    """A row per peer, of the medians; or one alone where there is none."""
    mine, n = round(statistics.median(taken[ours]), 6), len(taken[ours])
    peers, spread = [name for name in taken if name != ours], spread_of(taken[ours])
    if not peers:
        return [row(job, instance, metric, mine, n, spread=spread)]
    return [row(job, instance, metric, mine, n, name, round(statistics.median(taken[name]), 6), spread=spread) for name in peers]


def write(name: str, rows: list[Row]) -> Path:
    """Keep a job's rows, and render the table anew."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    render()
    return path


def render() -> None:
    """`docs/benchmarks.md` from everything in `bench/results`."""
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench` from `bench/results/*.json`: medians of interleaved runs. A ratio above 1 means that ours is",
        "better. *Load* is how many processes wanted a core in the minute before: more than the machine has cores means that",
        "it was shared, and that times are longer than alone; ratios suffer less, for both sides had the same company.",
    ]
    machines: set[str] = set()
    for path in sorted(RESULTS.glob("*.json")):
        rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
        machines |= {r["machine"] for r in rows}
        lines += ["", f"## {path.stem}", "", *_remark(path.stem), "", *_table(rows)]
    lines += ["", *(f"Machine: {name}" for name in sorted(machines)), ""]
    TABLE.write_text("\n".join(lines), encoding="utf-8")


def _remark(name: str) -> list[str]:
    """What the job's module says of itself."""
    source = HERE / f"{name}.py"
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) if source.exists() else None
    return (said or "").splitlines()


COLUMNS: Mapping[str, Callable[[Row], str]] = {
    "job": lambda r: r["job"],
    "instance": lambda r: r["instance"],
    "metric": lambda r: r["metric"],
    "ours": lambda r: _shown(r["ours"]),
    "spread": lambda r: r.get("spread") or "",
    "peer": lambda r: r["peer"] or "",
    "peer's": lambda r: _shown(r["peer_value"]),
    "ratio": lambda r: _shown(r["ratio"]),
    "n": lambda r: str(r["n"]),
    "load": lambda r: _shown(r.get("load")),
    "at": lambda r: r["at"][:10],
}
NUMBERS = {"ours", "peer's", "ratio", "n", "load"}


def _table(rows: list[Row]) -> list[str]:
    head = ["| " + " | ".join(COLUMNS) + " |", "| " + " | ".join("---:" if name in NUMBERS else "---" for name in COLUMNS) + " |"]
    return [*head, *("| " + " | ".join(shown(r) for shown in COLUMNS.values()) + " |" for r in rows)]


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"
