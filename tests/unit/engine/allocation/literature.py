"""Published instances as allocation problems: costs become points under a ceiling high enough that serving always pays.

When every need is served, value = needs * ceiling - cost; and no bound on the value can be met by serving fewer, so
`needs * ceiling - bound` is a bound on the cost.
"""

from __future__ import annotations

from csv import DictReader
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.engine.allocation import Allocation, AllocationProblem, Demands, Loads, Options, Supplies, build_allocation

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"


class Instance(NamedTuple):
    """A minimisation: `best` is the published optimum or best known value, `bound` the best known bound."""

    name: str
    problem: AllocationProblem
    ceiling: int
    best: int
    bound: int

    def cost(self, answer: Allocation) -> int:
        return len(self.problem.demands) * self.ceiling - answer.value

    def least_cost(self, answer: Allocation) -> int:
        return len(self.problem.demands) * self.ceiling - answer.bound


def gap_names() -> list[str]:
    """Every generalised assignment instance that is here, by its path."""
    root = DATA / "gap"
    return sorted(str(p.relative_to(root)) for p in root.glob("*/*") if p.is_file())


def gap(name: str) -> Instance:
    """Beasley's OR-Library layout: agents, jobs, costs by agent, loads by agent, capacities."""
    numbers = np.array((DATA / "gap" / name).read_text().split(), np.int64)
    m, n = int(numbers[0]), int(numbers[1])
    cost, load = numbers[2 : 2 + m * n].reshape(m, n), numbers[2 + m * n : 2 + 2 * m * n].reshape(m, n)
    ceiling = 3 * int(cost.max())
    job, agent = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    loads = Loads(np.zeros(n * m, np.int32), np.ones(n * m, np.int32), load.T.reshape(-1, 1))
    options = Options.whole(job, agent, np.arange(n * m), ceiling - cost.T.ravel())
    supplies = Supplies.plain(numbers[2 + 2 * m * n : 2 + 2 * m * n + m].reshape(m, 1))
    known = _known()[name]
    best, bound = int(known["Best known solution value"]), int(known["Best known bound"])
    return Instance(name, build_allocation(Demands.indivisible(n), supplies, loads, options), ceiling, best, bound)


def sscflp_names() -> list[str]:
    """Every single-source location instance that is here, by its path: the easier of a folder first."""
    root = DATA / "sscflp_delmaire_holmberg"
    return sorted((f"{p.parent.name}/{p.name}" for p in root.glob("*/p*")), key=lambda name: (name[:5], int(name.split("/p")[1])))


def sscflp(name: str) -> Instance:
    """Single-source capacitated facility location: facilities, customers, capacities, fixed costs, demands, costs by customer."""
    root = DATA / "sscflp_delmaire_holmberg"
    numbers = np.array((root / name).read_text().split(), np.float64)
    m, n = int(numbers[0]), int(numbers[1])
    parts = np.split(numbers[2 : 2 + 2 * m + n + n * m], [m, 2 * m, 2 * m + n])
    capacity, fixed, demand = (np.rint(part).astype(np.int64) for part in parts[:3])
    cost = np.rint(parts[3]).astype(np.int64).reshape(n, m)
    ceiling = int(cost.max() + fixed.max()) + 1
    supplies = Supplies.plain(capacity.reshape(m, 1))
    supplies = Supplies(
        supplies.id, *(getattr(supplies, c) for c in ("offered", "total", "reserve")), fixed, supplies.asset, *_no_claims()
    )
    loads = Loads(np.zeros(n, np.int32), np.ones(n, np.int32), demand.reshape(n, 1))
    customer, facility = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    options = Options.whole(customer, facility, customer, ceiling - cost.ravel())
    folder, _, number = name.partition("/p")
    best = int(float((root / folder / "os").read_text().split()[int(number) - 1]))
    return Instance(name, build_allocation(Demands.indivisible(n), supplies, loads, options), ceiling, best, best)


def _no_claims() -> list[np.ndarray]:
    return [np.zeros(0, kind) for kind in (np.int64, np.int64, np.int32, np.int32, np.int64)]


def _known() -> dict[str, dict[str, str]]:
    with (DATA / "gap" / "data.csv").open(encoding="utf-8") as file:
        return {row["Path"]: row for row in DictReader(file)}
