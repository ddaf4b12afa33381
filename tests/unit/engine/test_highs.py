"""HiGHS that refuses to begin is an error, not a search without an answer."""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np
import pytest

from app.engine.highs import run, solver


@pytest.fixture
def alone() -> Iterator[None]:
    highspy.Highs.resetGlobalScheduler(True)
    yield
    highspy.Highs.resetGlobalScheduler(True)


def knapsack(threads: int) -> highspy.Highs:
    highs = solver(threads)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = 2, 1
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = -np.array([1.0, 2.0]), np.zeros(2), np.ones(2)
    lp.row_lower_, lp.row_upper_ = np.array([-np.inf]), np.array([1.5])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array([0, 1, 2], np.int32), np.zeros(2, np.int32)
    lp.a_matrix_.value_ = np.ones(2)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * 2
    highs.passModel(lp)
    return highs


@pytest.mark.usefixtures("alone")
def test_another_number_of_threads_is_not_an_empty_answer() -> None:
    run(first := knapsack(2))
    assert first.getInfo().objective_function_value == -2
    with pytest.raises(RuntimeError, match="number of threads"):
        run(knapsack(1))


@pytest.mark.usefixtures("alone")
def test_time_counts_from_each_run() -> None:
    highs = knapsack(1)
    for _ in range(3):
        run(highs, 0.5)
        assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
