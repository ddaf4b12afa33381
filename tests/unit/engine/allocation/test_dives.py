"""Descents over packs: never worse, never against a rule, and the best of a small part; the programs that lead them bound it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.allocation import METHODS, AllocationParams, AllocationProblem, allocate
from app.engine.allocation.chains import Rows, rows_of
from app.engine.allocation.clock import Clock
from app.engine.allocation.dives import Found, dived
from app.engine.allocation.lagrange import price
from app.engine.allocation.mip import holds
from app.engine.allocation.part import Part
from app.engine.allocation.pool import Packs, Program, assignment_of
from app.engine.solve import Stop
from tests.unit.engine.allocation.oracle import best_value
from tests.unit.engine.allocation.test_chains import FOREVER, assignments, crowded, vars_of, whole_of


def best_points(part: Part) -> np.ndarray:
    """What a need would pay at most for being served."""
    pay = np.zeros(len(part.quantity))
    np.maximum.at(pay, np.repeat(np.arange(len(pay)), np.diff(part.ptr)), part.points)
    return pay


def plain(part: Part, rows: Rows) -> bool:
    """No need has two options on one row: of those, only the better one is seen here."""
    owner = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr))
    return len(np.unique(np.stack((owner, rows.row)), axis=1).T) == len(rows.row)


def from_nothing(part: Part, pay: np.ndarray) -> Found:
    return Found(np.zeros(len(part.points), np.int64), part.most(), pay, [])


@given(problem=assignments(), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None, derandomize=True)  # a search that promises nothing: the same problems each time
def test_finds_the_best_of_a_small_part_and_keeps_every_rule(problem: AllocationProblem, seed: int) -> None:
    part = whole_of(problem)
    if (rows := rows_of(part)) is None:
        return
    found = from_nothing(part, best_points(part))
    better, again = (dived(part, rows, found, 20, 60, FOREVER, np.random.default_rng(seed)) for _ in range(2))
    assert better.tolist() == again.tolist()
    if plain(part, rows):
        assert holds(part, better)
        assert part.worth(better) == best_value(problem)


@given(problem=assignments())
@settings(max_examples=100, deadline=None)
def test_a_program_over_packs_is_no_less_than_the_best_answer(problem: AllocationProblem) -> None:
    part = whole_of(problem)
    rows = rows_of(part)
    whole = None if rows is None else assignment_of(part, rows)
    if rows is None or whole is None or not plain(part, rows):
        return
    program = Program(whole, np.arange(len(part.quantity)), np.unique(rows.row))
    solved = program.solve(np.zeros(len(part.quantity)), -1.0, FOREVER)
    assert solved is not None
    assert best_value(problem) <= solved.value + 1e-6 <= program.bound + 2e-6
    for pack, weight in zip(solved.packs.tolist(), solved.weight.tolist(), strict=True):
        row, needs = whole.packs.row[pack], whole.packs.of(pack)
        assert weight < 1 + 1e-6
        assert whole.amount[needs, row].sum() <= whole.capacity[row]
        assert whole.points[needs, row].sum() == whole.packs.points[pack]


def test_never_worse_than_what_was_found_before() -> None:
    part = whole_of(crowded(30, 6, 3))
    rows, priced = rows_of(part), price(part, 200, FOREVER)
    assert rows is not None
    found = Found(priced.taken, priced.bound, best_points(part), [])
    assert dived(part, rows, found, 0, 60, FOREVER, np.random.default_rng(0)).tolist() == priced.taken.tolist()
    better = dived(part, rows, found, 1, 12, FOREVER, np.random.default_rng(0))
    assert holds(part, better)
    assert part.worth(better) > priced.value


def test_a_deadline_ends_a_descent() -> None:
    part = whole_of(crowded(60, 10, 3))
    rows = rows_of(part)
    assert rows is not None
    now = iter(np.arange(0.0, 1e6, 0.5))
    clock = Clock(Stop(deadline_s=5.0, clock=lambda: float(next(now)), started=0.0))
    found = from_nothing(part, best_points(part))
    answer = dived(part, rows, found, 10_000, 10_000, clock, np.random.default_rng(0))
    assert holds(part, answer)
    assert next(now) < 20


def test_a_crowded_assignment_of_many_rows_ends_near_its_bound() -> None:
    problem = crowded(30, 8, 4)
    plain = AllocationParams(chains=0, exchanges=0, moves=0, mip_entries=0, rounds=0, most_packs=0, draw_nodes=12)
    without, with_ = (allocate(problem, AllocationParams(**{**vars_of(plain), "draws": draws})) for draws in (0, 1))
    assert len(with_.need) == 30
    assert METHODS[with_.components.method[0]] == "packs"
    assert without.value < with_.value <= with_.bound
    assert with_.gap < 0.0005


def test_packs_are_kept_once_and_found_by_what_they_hold() -> None:
    packs = Packs()
    assert packs.add([0, 0, 1], [np.array([1, 2]), np.array([1, 2]), np.array([2])], [3.0, 3.0, 1.0]).tolist() == [0, 1]
    assert packs.add([1], [np.array([2])], [1.0]).tolist() == []
    assert packs.add([1], [np.zeros(0, np.int64)], [0.0]).tolist() == []
    needs, rows = np.array([False, True, True]), np.array([True, True])
    assert packs.within(needs, rows).tolist() == [0, 1]
    assert packs.within(needs & [False, False, True], rows).tolist() == [1]
    assert packs.within(needs, np.array([True, False])).tolist() == [0]
    assert packs.of(0).tolist() == [1, 2]
