"""Co-construction of towers: which needs build one tower together, where, how high, and how far from the best that can be.

`solve_towers(problem, params, stop, seed) -> Towers`. A group has needs of two organisations or more that a point serves within
every reach, on a day when all of them can start, within one tower's mounting positions. The least total cost is sought; every
component carries a bound: its optimum proven by the exact program, or a dual price. Deterministic by seed; a deadline ends the
proving and the improving, not the answer.
"""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.engine.cobuild.bound_kernel import raise_prices, start_prices
from app.engine.cobuild.exact import solve_component
from app.engine.cobuild.near import MOST_PAIRS, NearGraph, near_graph
from app.engine.cobuild.problem import Floats, TowerProblem
from app.engine.cobuild.search_kernel import search
from app.engine.cobuild.site import lon_lat_of, on_ground, site_distances_mm, site_of
from app.engine.cobuild.site_kernel import middle_points
from app.engine.problem import Ints
from app.engine.solve import Cancelled, Stop


@dataclass(frozen=True, slots=True)
class TowerParams:
    """`passes`, `tries`: of ruin and recreate. `prove_needs`: the largest component that the exact program is given, and for
    how long. `price`: raise
    the prices of the others. `threads` change the speed, never the answer."""

    passes: int = 4
    tries: int = 3
    prove_needs: int = 250
    prove_s: float = 5.0
    price: bool = True
    threads: int = 2
    most_pairs: int = MOST_PAIRS

    def __post_init__(self) -> None:
        for name in ("tries", "threads", "most_pairs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for name in ("passes", "prove_needs"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0")


@dataclass(frozen=True, eq=False)
class Towers:
    """Group g is needs `need[ptr[g]:ptr[g + 1]]` (indices), on (`lon`, `lat`), `height_mm` high, starting between the days `first`
    and `last`; `cost_minor` includes the members' own mounting positions. `component_of[need]`; by component the cost, the bound
    and whether the cost is proven least. `total_minor` counts those that build alone too."""

    problem: TowerProblem
    ptr: Ints
    need: Ints
    lon: Floats
    lat: Floats
    height_mm: Ints
    first: Ints
    last: Ints
    cost_minor: Ints
    component_of: Ints
    component_cost: Ints
    component_bound: Ints
    timings: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lon)

    def members(self, group: int) -> Ints:
        return self.need[self.ptr[group] : self.ptr[group + 1]]

    @property
    def total_minor(self) -> int:
        return int(self.component_cost.sum())

    @property
    def bound_minor(self) -> int:
        return int(self.component_bound.sum())

    @property
    def gap(self) -> float:
        """How far the total may be above the least, as a share of the bound."""
        return (self.total_minor - self.bound_minor) / self.bound_minor if self.bound_minor else 0.0

    @property
    def proven(self) -> NDArray[np.bool_]:
        return np.asarray(self.component_cost == self.component_bound)

    @property
    def answer_hash(self) -> str:
        digest = hashlib.blake2b(digest_size=20)
        for column in (self.ptr, self.problem.needs.id[self.need], self.height_mm, self.first, self.last, self.cost_minor):
            digest.update(np.ascontiguousarray(column, np.int64).tobytes())
        digest.update(np.rint(np.stack((self.lon, self.lat)) * 1e9).astype(np.int64).tobytes())
        return digest.hexdigest()


@dataclass
class _State:
    """The search's tables: the label of each need's group; of each label who is in it."""

    group: Ints
    member: NDArray[np.int32]
    size: Ints

    @staticmethod
    def alone(n: int, capacity: int) -> _State:
        member = np.zeros((n, capacity), np.int32)
        member[:, 0] = np.arange(n)
        return _State(np.arange(n), member, np.ones(n, np.int64))

    def regroup(self, rows: Ints, groups: list[list[int]]) -> None:
        self.group[rows], self.size[rows], self.member[rows, 0] = rows, 1, rows
        for group in groups:
            label = min(group)
            self.group[group], self.size[label] = label, len(group)
            self.member[label, : len(group)] = sorted(group)


def solve_towers(problem: TowerProblem, params: TowerParams | None = None, stop: Stop | None = None, seed: int = 0) -> Towers:
    """The grouping. Raises `Cancelled` when `stop` was cancelled; a passed deadline only leaves wider bounds."""
    params, stop, clock = params or TowerParams(), stop or Stop(), _Clock()
    graph = near_graph(problem, params.most_pairs)
    clock.mark("near")
    check_cancelled(stop)
    state = _State.alone(len(problem.needs), problem.terms.capacity)
    order, ptr = _by_component(graph)
    _search(problem, graph, params, seed, state, order, ptr)
    clock.mark("search")
    check_cancelled(stop)
    price = np.empty(len(problem.needs), np.int64)
    start_prices(graph.ptr, problem.top, problem.alone - problem.extra, problem.terms.capacity, graph.whole, price)
    bound = _summed(graph, price + problem.extra)
    unsolved = _prove(problem, graph, params, stop, state, order, ptr, bound)
    clock.mark("proof")
    if params.price and graph.whole:
        _raise(problem, graph, stop, np.isin(graph.component, unsolved), price)
        bound = np.maximum(bound, _summed(graph, price + problem.extra))
    clock.mark("prices")
    made = _assemble(problem, graph, state, bound)
    clock.mark("sites")
    made.timings.update(clock.taken)
    return made


class _Clock:
    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, name: str) -> None:
        now = time.perf_counter()
        self.taken[name], self._last = round(now - self._last, 4), now


def check_cancelled(stop: Stop) -> None:
    if stop.cancelled is not None and stop.cancelled():
        raise Cancelled("cancelled")


def _left(stop: Stop) -> float:
    return float("inf") if stop.deadline_s is None else stop.deadline_s - (time.monotonic() - stop.started)


def _by_component(graph: NearGraph) -> tuple[Ints, Ints]:
    order = np.argsort(graph.component, kind="stable")
    return order, np.concatenate(([0], np.cumsum(np.bincount(graph.component)))).astype(np.int64)


def _search(
    problem: TowerProblem, graph: NearGraph, params: TowerParams, seed: int, state: _State, order: Ints, ptr: Ints
) -> None:
    """All components of two or more, in shares of about equal work for the threads."""
    size = np.diff(ptr)
    several = np.flatnonzero(size > 1)
    if not len(several):
        return
    by_size = several[np.argsort(-size[several], kind="stable")]
    shares: list[list[int]] = [[] for _ in range(params.threads)]
    load = [0] * params.threads
    for c in by_size.tolist():
        least = load.index(min(load))
        shares[least].append(c)
        load[least] += int(size[c])

    def one(share: list[int]) -> None:
        if not share:
            return
        list_need = np.concatenate([order[ptr[c] : ptr[c + 1]] for c in share])
        list_ptr = np.concatenate(([0], np.cumsum(size[share])))
        needs, alone = problem.needs, problem.alone - problem.extra
        search(
            list_ptr, list_need, graph.ptr, graph.other, graph.pair, graph.corner, graph.has, problem.xyz, problem.cover_cm,
            needs.first, needs.last, problem.top, alone, needs.mounts, needs.organisation, problem.terms.capacity,
            params.passes, params.tries, seed, state.group, state.member, state.size,
        )  # fmt: skip

    with ThreadPoolExecutor(params.threads) as threads:
        list(threads.map(one, shares))


def _summed(graph: NearGraph, values: Ints) -> Ints:
    """By component."""
    total = np.zeros(int(graph.component.max(initial=-1)) + 1, np.int64)
    np.add.at(total, graph.component, values)
    return total


def _raise(problem: TowerProblem, graph: NearGraph, stop: Stop, wanted: NDArray[np.bool_], price: Ints) -> None:
    """Raise the prices of some needs as far as they go (bound_kernel.py), those with the fewest partners first."""
    order, local = np.flatnonzero(wanted), np.full(len(price), -1, np.int64)
    order = order[np.argsort(graph.degree[order], kind="stable")]
    alone = problem.alone - problem.extra
    for ascend in (False, True, True):
        for part in np.array_split(order, max(1, len(order) // 2000)):
            if _left(stop) <= 0:
                return
            check_cancelled(stop)
            raise_prices(
                part, ascend, local, graph.ptr, graph.other, graph.pair, graph.corner, graph.has, problem.xyz,
                problem.cover_cm, problem.needs.first, problem.needs.last, problem.top, alone, problem.terms.capacity, price,
            )  # fmt: skip


def _prove(
    problem: TowerProblem, graph: NearGraph, params: TowerParams, stop: Stop, state: _State, order: Ints, ptr: Ints, bound: Ints
) -> Ints:
    """The exact program for components from small to large: raises `bound`, takes its grouping where it is cheaper. Returns the
    components that it left without an answer."""
    size, cost = np.diff(ptr), _component_cost(problem, graph, state)
    todo = np.flatnonzero((size > 1) & (cost > bound))
    todo = todo[np.argsort(size[todo], kind="stable")]
    unsolved = []
    for c in todo.tolist():
        check_cancelled(stop)
        rows, left = order[ptr[c] : ptr[c + 1]], _left(stop)
        fits = graph.whole and len(rows) <= params.prove_needs and left > 0
        found = solve_component(problem, graph, rows, min(left, params.prove_s)) if fits else None
        if found is None:
            unsolved.append(c)
            continue
        extra = int(problem.extra[rows].sum())
        if found.groups is not None:
            grouped = {i for group in found.groups for i in group}
            total = extra + sum(int(problem.top[group].max()) for group in found.groups)
            total += int(sum(problem.alone[i] - problem.extra[i] for i in rows.tolist() if i not in grouped))
            if total < cost[c]:
                state.regroup(rows, found.groups)
                cost[c] = total
        bound[c] = max(bound[c], min(found.bound + extra, cost[c]))
    return np.array(unsolved, np.int64)


def _component_cost(problem: TowerProblem, graph: NearGraph, state: _State) -> Ints:
    n = len(problem.needs)
    highest = np.zeros(n, np.int64)
    np.maximum.at(highest, state.group, problem.top)
    label = np.arange(n)
    paid = np.where(state.size[state.group] == 1, problem.alone, problem.extra)
    paid = paid + np.where((state.group == label) & (state.size > 1), highest, 0)
    return _summed(graph, paid)


def _assemble(problem: TowerProblem, graph: NearGraph, state: _State, bound: Ints) -> Towers:
    """Groups in the order of their first need, each with its site; one that the earth's roundness forbids would be dropped."""
    n, needs = len(problem.needs), problem.needs
    labels = np.flatnonzero((state.group == np.arange(n)) & (state.size > 1))
    order = np.argsort(state.group, kind="stable")
    order = order[state.size[state.group[order]] > 1]
    ptr = np.concatenate(([0], np.cumsum(state.size[labels]))).astype(np.int64)
    lon, lat = _sites(problem, ptr, order)
    first = np.maximum.reduceat(needs.first[order], ptr[:-1]) if len(labels) else np.zeros(0, np.int64)
    last = np.minimum.reduceat(needs.last[order], ptr[:-1]) if len(labels) else np.zeros(0, np.int64)
    height = np.maximum.reduceat(needs.height_mm[order], ptr[:-1]) if len(labels) else np.zeros(0, np.int64)
    extra = np.add.reduceat(problem.extra[order], ptr[:-1]) if len(labels) else np.zeros(0, np.int64)
    cost = problem.terms.structure_minor(height) + extra
    return Towers(
        problem, ptr, order, lon, lat, height, first, last, cost, graph.component.astype(np.int64),
        _component_cost(problem, graph, state), bound,
    )  # fmt: skip


def _sites(problem: TowerProblem, ptr: Ints, need: Ints) -> tuple[Floats, Floats]:
    """The middle of where each group's reaches meet; where that is not surely within all of them, the best corner."""
    middle = np.empty((len(ptr) - 1, 3))
    middle_points(problem.xyz, problem.inset_cm, problem.cover_cm, ptr, need, middle)
    lon, lat = lon_lat_of(on_ground(middle))
    group = np.repeat(np.arange(len(lon)), np.diff(ptr))
    outside = site_distances_mm(problem, need, lon[group], lat[group]) > problem.needs.radius_mm[need]
    for g in np.unique(group[outside]).tolist():
        found = site_of(problem, need[ptr[g] : ptr[g + 1]])
        if found is None:
            raise AssertionError(f"group {g} has no site")
        lon[g], lat[g] = found.lon, found.lat
    return lon, lat
