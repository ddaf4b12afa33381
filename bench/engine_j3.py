"""Allocation: a national market beside HiGHS on the whole of it at once, scarce markets, and the literature's instances.

`J3_SECONDS` (60) is the time for each instance of the literature, `J3_SCARCE_SECONDS` (300) for the scarce market,
`J3_PEER_SECONDS` (120) for HiGHS on the undecomposed market. `J3_PARTS` chooses among market, scarce, gap and sscflp.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

from app.engine import Stop
from app.engine.allocation import AllocationProblem, allocate
from app.engine.allocation.clock import Clock
from app.engine.allocation.mip import NO_NODES_LIMIT, Solved, solve_part
from app.engine.allocation.reduce import reduce_problem
from app.engine.allocation.split import split
from bench import common
from bench.allocation_market import instance
from tests.unit.engine.allocation.literature import DATA, Instance, gap, gap_names, sscflp

SECONDS = float(os.environ.get("J3_SECONDS", "60"))
SCARCE_SECONDS = float(os.environ.get("J3_SCARCE_SECONDS", "300"))
PEER_SECONDS = float(os.environ.get("J3_PEER_SECONDS", "120"))
SMALL = ["Lib_2/p1", "Lib_2/p6", "Lib_2/p13", "Lib_2/p30", "Lib_1/p1", "Lib_1/p3"]


def run() -> list[common.Row]:
    parts: dict[str, Callable[[], list[common.Row]]] = {
        "market": market,
        "scarce": scarce,
        "gap": literature,
        "sscflp": facilities,
    }
    wanted = os.environ.get("J3_PARTS", ",".join(parts)).split(",")
    return [row for name in wanted for row in parts[name]()]


def market() -> list[common.Row]:
    """Proof of optimality by `allocate` and by HiGHS on one model of everything, both from the problem's columns."""
    problem = instance(1_000_000, 100_000)
    name = f"market A 1M × 100k, {len(problem.options):,} feasible pairs"
    allocate(problem)  # kernels compiled
    answers, peers = [], []

    def ours() -> None:
        answers.append(allocate(problem))

    def peer() -> None:
        peers.append(undecomposed(problem))

    taken = common.interleaved({"allocate": ours}, 2)
    both = common.interleaved({"allocate": ours, "HiGHS undecomposed": peer}, 1)
    mine, n = statistics.median(taken["allocate"] + both["allocate"]), len(answers)
    solved = peers[0]
    rows = [common.row("J3 allocation", name, "s to proof", round(mine, 3), n)]
    if solved.bound is not None:  # without a bound it did not get past its presolve: nothing to compare
        proven = "proven" if solved.proven else f"not proven, bound {solved.bound}"
        label = f"HiGHS undecomposed ({proven}, one run of at most {PEER_SECONDS:g} s)"
        rows = [
            common.row("J3 allocation", name, "s to proof", round(mine, 3), n, label, round(both["HiGHS undecomposed"][0], 1))
        ]
    rows.append(common.row("J3 allocation", name, "gap, %", round(100 * answers[-1].gap, 6), n))
    return rows


def undecomposed(problem: AllocationProblem) -> Solved:
    """One model: every option that fits at all, every row that can bind; no reduction, no parts."""
    whole = split(problem, reduce_problem(problem, reduction=False)).whole
    return solve_part(whole, NO_NODES_LIMIT, Clock(Stop(PEER_SECONDS)), threads=2)


def scarce() -> list[common.Row]:
    """A tenth of the listings: at the needs' reach, and at three times that."""
    rows = []
    for name, wider, seconds in (("B", 1.0, 60.0), ("C", 3.0, SCARCE_SECONDS)):
        problem = instance(100_000, 100_000, wider)
        begin = time.perf_counter()
        answer = allocate(problem, stop=Stop(seconds))
        label = f"market {name} 100k × 100k, {len(problem.options):,} feasible pairs, at most {seconds:g} s"
        rows.append(common.row("J3 allocation", label, "s", round(time.perf_counter() - begin, 2), 1))
        rows.append(common.row("J3 allocation", label, "gap, %", round(100 * answer.gap, 5), 1))
    return rows


def literature() -> list[common.Row]:
    """Every generalised assignment instance that is here, by set."""
    if not (DATA / "gap").exists():
        print("engine_j3: ../shared/data/gap is not here, left out")
        return []
    sets: dict[str, list[str]] = {}
    for name in gap_names():
        folder, _, file = name.partition("/")
        sets.setdefault("cattrysse1994 gap" if file.startswith("gap") else f"{folder} {file[0]}", []).append(name)
    return [row for title, names in sets.items() for row in _set_of(title, [gap(name) for name in names])]


def facilities() -> list[common.Row]:
    """A few single-source facility location instances: opening costs."""
    if not (DATA / "sscflp_delmaire_holmberg").exists():
        print("engine_j3: ../shared/data/sscflp_delmaire_holmberg is not here, left out")
        return []
    return _set_of("sscflp Delmaire, Holmberg", [sscflp(name) for name in SMALL])


def _set_of(title: str, instances: list[Instance]) -> list[common.Row]:
    """How many are within 0.1 % of the best known bound and how many proven, the worst of them, and the time."""
    off, seconds, proven = [], [], 0
    for one in instances:
        begin = time.perf_counter()
        answer = allocate(one.problem, stop=Stop(SECONDS))
        seconds.append(time.perf_counter() - begin)
        served = len(answer.need) == len(one.problem.demands)
        off.append(100 * (one.cost(answer) - one.bound) / one.bound if served else 100.0)
        proven += served and answer.proven
        print(
            f"{one.name}: {one.cost(answer)} (bound {one.least_cost(answer)}, known {one.best}) {seconds[-1]:.1f} s", flush=True
        )
    label, n = f"{title}, {len(instances)} instances, at most {SECONDS:g} s each", len(instances)
    rows = [
        common.row("J3 literature", label, "within 0.1 % of the best known bound", sum(o <= 0.1 for o in off), n),
        common.row("J3 literature", label, "proven optimal", proven, n),
        common.row("J3 literature", label, "worst above the best known bound, %", round(max(off), 4), n),
    ]
    return [*rows, *common.medians("J3 literature", label, "s", {"allocate": seconds}, "allocate")]
