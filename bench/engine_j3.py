"""Allocation: a national market beside HiGHS on the whole of it at once, scarce markets, and the literature's instances.

`J3_SECONDS` (60) is the processor's time for each instance of the literature, ours and each of `J3_PEERS` (highs,cpsat); a set of
which `J3_SETS` (all) names no part is left out. `J3_SCARCE_SECONDS` (300) for the scarce market,
`J3_PEER_SECONDS` (120) for HiGHS on the undecomposed market. `J3_PARTS` chooses among market, scarce, gap and sscflp.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

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
PEERS = {
    name: solver
    for name, solver in (("HiGHS", "highs"), ("CP-SAT", "cpsat"))
    if solver in os.environ.get("J3_PEERS", "highs,cpsat").split(",")
}
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
    wanted = os.environ.get("J3_SETS", "").split(",")
    chosen = {title: names for title, names in sets.items() if any(part in title for part in wanted)}
    return [row for title, names in chosen.items() for row in _set_of(title, [gap(name) for name in names])]


def facilities() -> list[common.Row]:
    """A few single-source facility location instances: opening costs."""
    if not (DATA / "sscflp_delmaire_holmberg").exists():
        print("engine_j3: ../shared/data/sscflp_delmaire_holmberg is not here, left out")
        return []
    return _set_of("sscflp Delmaire, Holmberg", [sscflp(name) for name in SMALL])


class Tried(NamedTuple):
    """`cost` None: not every need was served."""

    cost: int | None
    bound: int | None
    seconds: float

    def off(self, one: Instance) -> float:
        """Per cent above the best known bound."""
        return 100.0 if self.cost is None else 100 * (self.cost - one.bound) / one.bound

    def proven(self, one: Instance) -> bool:
        return self.cost is not None and self.bound is not None and self.bound >= self.cost


def _set_of(title: str, instances: list[Instance]) -> list[common.Row]:
    """How many are within 0.1 % of the best known bound and how many proven, the worst of them, and the seconds of the processor:
    ours, and beside it each solver in a process of its own, with the same seconds."""
    tried = {name: [_tried(name, instance) for instance in instances] for name in ("allocate", *PEERS)}
    label, n = f"{title}, {len(instances)} instances, at most {SECONDS:g} s of one processor each", len(instances)
    figures: dict[str, Callable[[list[Tried]], float]] = {
        "within 0.1 % of the best known bound": lambda found: sum(t.off(i) <= 0.1 for t, i in zip(found, instances, strict=True)),
        "proven optimal": lambda found: sum(t.proven(i) for t, i in zip(found, instances, strict=True)),
        "worst above the best known bound, %": lambda found: round(
            max(t.off(i) for t, i in zip(found, instances, strict=True)), 4
        ),
    }
    rows = []
    for metric, figure in figures.items():
        mine, better = figure(tried["allocate"]), not metric.startswith("worst")
        rows += [
            common.row("J3 literature", label, metric, mine, n, name, figure(tried[name]), higher_is_better=better)
            for name in PEERS
        ] or [common.row("J3 literature", label, metric, mine, n)]
    taken = {name: [t.seconds for t in found] for name, found in tried.items()}
    return [*rows, *common.medians("J3 literature", label, "s of the processor", taken, "allocate")]


def _tried(name: str, one: Instance) -> Tried:
    if name == "allocate":
        begin = time.process_time()
        answer = allocate(one.problem, stop=Stop(SECONDS, clock=time.process_time, started=begin))
        served = len(answer.need) == len(one.problem.demands)
        found = Tried(one.cost(answer) if served else None, one.least_cost(answer), time.process_time() - begin)
    else:
        found = _peer(PEERS[name], one)
    print(f"{one.name}, {name}: {found.cost} (bound {found.bound}, known {one.best}) {found.seconds:.1f} s", flush=True)
    return found


def _peer(solver: str, one: Instance) -> Tried:
    options, supplies = one.problem.options, one.problem.supplies
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "instance.npz"
        np.savez(
            file,
            need=options.need,
            listing=options.listing,
            cost=one.ceiling - options.value,
            load=one.problem.loads.amount[options.load, 0],
            capacity=supplies.offered[:, 0],
            opening=supplies.opening,
        )
        command = [sys.executable, "-m", "bench.assignment_peer", solver, str(file), str(SECONDS)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60 * SECONDS + 600)
    told = json.loads(said.stdout)
    return Tried(told["cost"], told["bound"], told["seconds"])
