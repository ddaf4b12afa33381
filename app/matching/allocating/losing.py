"""Why a need that has matches gets nothing: its organisation's budget, a listing let to one other user, or others worth more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.engine.allocation import Allocation, AllocationProblem

Ints = NDArray[np.int64]
CONTESTED, BUDGET, EXCLUSIVE = "contested", "budget", "exclusive"


def reasons(problem: AllocationProblem, party: Ints, answer: Allocation) -> NDArray[np.str_]:
    """Per need the word for what stands against all of its options: `budget` when one unit of none can be paid any more, `exclusive`
    when those that can be paid are all let to another party, else `contested`. `party`: per need."""
    options, count = problem.options, len(problem.options)
    units = np.zeros(count, np.int64)
    units[answer.option] = answer.quantity
    paid = ~_over_budget(problem, units)
    free = paid & ~_let_to_another(problem, party, units)
    n = len(problem.demands)
    can_pay, can_have = (np.bincount(options.need, flag, n) > 0 for flag in (paid, free))
    return np.where(~can_pay, BUDGET, np.where(~can_have, EXCLUSIVE, CONTESTED))


def _over_budget(problem: AllocationProblem, units: Ints) -> NDArray[np.bool_]:
    """Options of which one unit more costs more than what is left."""
    b = problem.budgets
    left = b.limit.copy()
    np.subtract.at(left, b.budget, b.cost * units[b.option])
    over = np.zeros(len(problem.options), bool)
    over[b.option[b.cost > left[b.budget]]] = True
    return over


def _let_to_another(problem: AllocationProblem, party: Ints, units: Ints) -> NDArray[np.bool_]:
    """Options in a group of which another party has something."""
    x = problem.exclusions
    names, group = np.unique(x.group, return_inverse=True)
    holder = np.full(len(names), -1, np.int64)
    taken = units[x.option] > 0
    holder[group[taken]] = x.party[taken]
    held = (holder[group] >= 0) & (holder[group] != party[problem.options.need[x.option]])
    let = np.zeros(len(problem.options), bool)
    let[x.option[held]] = True
    return let
