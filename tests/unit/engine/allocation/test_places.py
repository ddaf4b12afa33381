"""Places that cost something to open, against brute force over all assignments of needs to places."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest

from app.engine.allocation import (
    AllocationParams,
    AllocationProblem,
    Demands,
    Loads,
    Options,
    Supplies,
    allocate,
    build_allocation,
)
from app.engine.allocation.places import MOST_PLACES, descended, first_pay, places_of, settled
from app.engine.allocation.reduce import reduce_problem
from app.engine.allocation.split import split
from app.engine.problem import Ints

EXACT = {"all methods": AllocationParams(), "by places": AllocationParams(reduction=False, branch_needs=0, quick_steps=1)}
BOUNDED = {
    "without HiGHS": AllocationParams(reduction=False, branch_needs=0, quick_steps=1, mip_entries=0, rounds=0),
    "in few steps": AllocationParams(reduction=False, branch_needs=0, quick_steps=1, mip_nodes=0, block_steps=3, moves=0),
}
SEEDS = range(120)


class Town(NamedTuple):
    room: Ints  # by place
    opening: Ints
    wants: Ints  # by need
    points: Ints  # by need and place
    may: Ints  # 1 where the need may go there

    def values(self) -> list[tuple[int, tuple[int, ...]]]:
        """Every assignment that keeps the rules (-1: not served) and what it is worth."""
        found = []
        for where in product(range(-1, len(self.room)), repeat=len(self.wants)):
            at = np.array(where)
            served = np.flatnonzero(at >= 0)
            held = np.bincount(at[served], self.wants[served], len(self.room))
            if (held <= self.room).all() and self.may[served, at[served]].all():
                worth = self.points[served, at[served]].sum() - self.opening[np.unique(at[served])].sum()
                found.append((int(worth), where))
        return found

    def problem(self) -> AllocationProblem:
        need, listing = np.nonzero(self.may)
        supplies = replace(Supplies.plain(self.room.reshape(-1, 1)), opening=self.opening)
        loads = Loads(np.zeros(len(self.wants), np.int64), np.ones(len(self.wants), np.int64), self.wants.reshape(-1, 1))
        options = Options.whole(need, listing, need, self.points[need, listing])
        return build_allocation(Demands.indivisible(len(self.wants)), supplies, loads, options)


def town(seed: int) -> Town:
    """Rich ones, whose needs are all worth serving, and poor ones; some places free, some needs that take no room."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    low, high = (60, 100) if rng.random() < 0.5 else (0, 40)
    return Town(
        room=rng.integers(1, 12, m),
        opening=rng.integers(0, 60, m) * (rng.random(m) < 0.9),
        wants=rng.integers(0 if rng.random() < 0.2 else 1, 6, n),
        points=rng.integers(low, high, (n, m)),
        may=(rng.random((n, m)) < rng.choice([0.6, 1.0])).astype(np.int64),
    )


@pytest.mark.parametrize("name", [*EXACT, *BOUNDED])
def test_the_answer_is_the_best_and_no_bound_is_below_it(name: str) -> None:
    for seed in SEEDS:
        one = town(seed)
        best = max(value for value, _ in one.values())
        answer = allocate(one.problem(), (EXACT | BOUNDED)[name])
        assert answer.value <= best <= answer.bound, seed
        assert name in BOUNDED or answer.value == best == answer.bound, seed


def test_what_is_settled_holds_of_every_better_answer() -> None:
    """Prices and the answer to be bettered are drawn at random: what they settle must hold, and some of it must be settled."""
    said = 0
    for seed in SEEDS:
        one, rng = town(seed), np.random.default_rng(seed)
        problem = one.problem()
        parts = split(problem, reduce_problem(problem, False))
        if len(parts) != 1 or (places := places_of(parts.part(0))) is None:
            continue
        row, column = np.nonzero(places.option >= 0)
        option = parts.whole.option[places.option[row, column]]
        pair = zip(problem.options.need[option].tolist(), problem.options.listing[option].tolist(), strict=True)
        place = dict(
            zip(pair, zip(row.tolist(), column.tolist(), strict=True), strict=True)
        )  # one that costs nothing may be several
        every = one.values()
        value = int(rng.choice(sorted({worth for worth, _ in every})[-3:]))
        pay = (first_pay(places) * rng.uniform(0.2, 1.2, len(places.least))).astype(np.int64)
        if rng.random() < 0.7:  # such as bound well
            free = np.full(len(places.opening), -1)
            pay = descended(places, pay, free, places.option >= 0, 0, 40, value)[1]
        found = settled(places, pay, value)
        for worth, where in every:
            if worth > value:
                goes = dict(place[i, j] for i, j in enumerate(where) if j >= 0)
                opened = np.isin(np.arange(len(found.state)), list(goes.values()))
                assert worth <= found.bound, seed
                assert opened[found.state == 1].all(), seed
                assert not opened[found.state == 0].any(), seed
                assert all(found.able[i, j] for i, j in goes.items()), seed
                assert set(np.flatnonzero(found.must)) <= set(goes), seed
                assert places.capacity[opened].sum() >= found.hold, seed
        said += int((found.state >= 0).sum()) + int(found.must.sum())
    assert said > 20


def test_what_is_too_large_for_tables_of_places_is_left_to_other_methods() -> None:
    n, m = 6, MOST_PLACES + 1
    one = Town(np.full(m, 4), np.full(m, 3), np.full(n, 2), np.arange(n * m).reshape(n, m) % 17 + 20, np.ones((n, m), np.int64))
    part = split(one.problem(), reduce_problem(one.problem(), False)).part(0)
    assert places_of(part) is None
    fewer = Town(one.room[:-1], one.opening[:-1], one.wants, one.points[:, :-1], one.may[:, :-1])
    assert places_of(split(fewer.problem(), reduce_problem(fewer.problem(), False)).part(0)) is not None
    assert allocate(one.problem()).proven
