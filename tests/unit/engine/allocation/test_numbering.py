"""Numbered places against brute force: alone, and as part of an allocation."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import Stop
from app.engine.allocation import (
    AllocationParams,
    AllocationProblem,
    Demands,
    Loads,
    Options,
    Slots,
    Supplies,
    allocate,
    allocate_numbered,
    build_allocation,
)
from app.engine.allocation.numbering import Job, OutOfNodes, Taken, clash, number
from tests.unit.engine.allocation.oracle import allowed, value

DAYS = 6
jobs_of = st.lists(
    st.builds(lambda s, n, c: Job(s, s + n, c), st.integers(0, DAYS - 1), st.integers(1, 4), st.integers(1, 2)), max_size=4
)
taken_of = st.lists(
    st.builds(lambda p, s, n: Taken(p, s, s + n), st.integers(1, 4), st.integers(0, DAYS - 1), st.integers(1, 3)), max_size=4
)


def fits(taken: list[Taken], jobs: list[Job], given: tuple[tuple[int, ...], ...]) -> bool:
    held = [(t.slot, t.start, t.end) for t in taken]
    for job, numbers in zip(jobs, given, strict=True):
        if any(p in numbers and s < job.end and job.start < e for p, s, e in held):
            return False
        held += [(p, job.start, job.end) for p in numbers]
    return True


def possible(places: int, taken: list[Taken], jobs: list[Job], contiguous: bool) -> bool:
    def ways(job: Job) -> list[tuple[int, ...]]:
        sets = combinations(range(1, places + 1), job.places)
        return [s for s in sets if not contiguous or s[-1] - s[0] == job.places - 1]

    return any(fits(taken, jobs, given) for given in product(*map(ways, jobs)))


@given(places=st.integers(0, 4), taken=taken_of, jobs=jobs_of, contiguous=st.booleans())
@settings(max_examples=300, deadline=None)
def test_numbers_are_found_exactly_when_there_are_any(places: int, taken: list[Taken], jobs: list[Job], contiguous: bool) -> None:
    found = number(places, taken, jobs, contiguous)
    assert (found is not None) == possible(places, taken, jobs, contiguous)
    if found is not None:
        assert fits(taken, jobs, tuple(found))
        assert all(len(set(n)) == j.places and set(n) <= set(range(1, places + 1)) for n, j in zip(found, jobs, strict=True))
        return
    left = clash(places, taken, jobs, contiguous)
    assert not possible(places, taken, [jobs[j] for j in left], contiguous)
    for one in left:
        assert possible(places, taken, [jobs[j] for j in left if j != one], contiguous)


def test_a_search_without_nodes_says_so() -> None:
    with pytest.raises(OutOfNodes):
        number(3, [], [Job(0, 2, 1)] * 3, False, nodes=2)


@st.composite
def numbered_problems(draw: st.DrawFn) -> tuple[AllocationProblem, Slots]:
    """Indivisible needs, one column of numbered places, claims on some of them; perhaps two listings of one asset."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 2))
    total = np.array([[draw(st.integers(0, 3)) * 1000] for _ in range(m)])
    asset = np.full(m, -1)
    claims = [
        (where, slot, s, s + draw(st.integers(1, 3)))
        for where in range(m)
        for slot in range(1, int(total[where, 0]) // 1000 + 1)
        if draw(st.booleans())
        for s in [draw(st.integers(0, DAYS - 2))]
    ]
    if m == 2 and draw(st.booleans()):
        asset[:], total[1] = 3, total[0]
        claims = [c for c in claims if c[0] == 0]
        claims += [(1, *c[1:]) for c in claims]
    offered = np.minimum(total, np.array([[draw(st.integers(1, 3)) * 1000] for _ in range(m)]))
    where, slot, begin, end = (np.array([c[i] for c in claims], np.int64) for i in range(4))
    supplies = Supplies(
        np.arange(m), offered, total, 0 * total, np.zeros(m, np.int64), asset, where, 0 * where, begin, end, 0 * where + 1000
    )
    start = np.array([draw(st.integers(0, DAYS - 1)) for _ in range(n)])
    length = np.array([draw(st.integers(1, 4)) for _ in range(n)])
    loads = Loads(start, start + length, np.array([[draw(st.integers(1, 2)) * 1000] for _ in range(n)]))
    pairs = [(i, j) for i in range(n) for j in range(m) if draw(st.booleans())]
    need, listing = (np.array([p[i] for p in pairs], np.int64) for i in range(2))
    points = np.array([draw(st.integers(1, 9)) for _ in pairs], np.int64)
    flag = np.ones((m, 1), bool)
    return (
        build_allocation(Demands.indivisible(n), supplies, loads, Options.whole(need, listing, need, points)),
        Slots(flag, flag & draw(st.booleans()), slot),
    )


def can_be_numbered(problem: AllocationProblem, slots: Slots, units: tuple[int, ...]) -> bool:
    s, o, loads = problem.supplies, problem.options, problem.loads
    groups = [list(range(len(s)))] if s.asset[0] >= 0 else [[i] for i in range(len(s))]
    for group in groups:
        mine = s.claim_listing == group[0]
        rows = zip(slots.claim_slot[mine], s.claim_start[mine], s.claim_end[mine], strict=True)
        taken = [Taken(int(p), int(b), int(e)) for p, b, e in rows]
        chosen = [int(o.load[k]) for k, u in enumerate(units) if u and o.listing[k] in group]
        jobs = [Job(int(loads.start[x]), int(loads.end[x]), int(loads.amount[x, 0]) // 1000) for x in chosen]
        if not possible(int(s.total[group[0], 0]) // 1000, taken, jobs, bool(slots.contiguous[0, 0])):
            return False
    return True


@given(made=numbered_problems())
@settings(max_examples=120, deadline=None)
def test_is_the_best_of_all_assignments_that_can_be_numbered(made: tuple[AllocationProblem, Slots]) -> None:
    problem, slots = made
    every = product((0, 1), repeat=len(problem.options))
    best = max(value(problem, u) for u in every if allowed(problem, u) and can_be_numbered(problem, slots, u))
    found = allocate_numbered(problem, slots)
    assert found.answer.value == found.answer.bound == best
    units = np.zeros(len(problem.options), np.int64)
    units[found.answer.option] = found.answer.quantity
    assert can_be_numbered(problem, slots, tuple(units.tolist()))
    assert {k for k, _ in found.numbers} == set(found.answer.option.tolist())
    assert found.answer.input_hash == problem.input_hash


def two_halves() -> tuple[AllocationProblem, Slots]:
    """Place 1 is free in the first half of the time, place 2 in the second; a need wants one place all the time, others halves."""
    supplies = Supplies.plain(np.array([[2000]]))
    columns = (np.zeros(2, np.int64), np.zeros(2, np.int64), np.array([5, 0]), np.array([10, 5]), np.full(2, 1000))
    supplies = Supplies(*(getattr(supplies, c) for c in ("id", "offered", "total", "reserve", "opening", "asset")), *columns)
    loads = Loads(np.array([0, 0, 5]), np.array([10, 5, 10]), np.full((3, 1), 1000))
    need = np.arange(3)
    problem = build_allocation(Demands.indivisible(3), supplies, loads, Options.whole(need, 0 * need, need, np.array([9, 4, 4])))
    flag = np.ones((1, 1), bool)
    return problem, Slots(flag, ~flag, np.array([1, 2]))


def test_places_free_one_after_another_are_not_one_place() -> None:
    problem, slots = two_halves()
    assert allocate(problem).value == 9  # as a quantity
    found = allocate_numbered(problem, slots)
    assert (found.answer.value, found.answer.bound, found.answer.proven) == (8, 8, True)
    assert dict(found.numbers) == {(1, 0): (1,), (2, 0): (2,)}
    assert found.rounds > 1


def test_without_time_for_cuts_needs_are_taken_back_and_the_bound_stays() -> None:
    problem, slots = two_halves()
    found = allocate_numbered(problem, slots, AllocationParams(), Stop(deadline_s=0))
    assert found.answer.value <= 8 <= found.answer.bound
    assert not found.answer.proven
