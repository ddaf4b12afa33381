"""Brute force: every assignment of a small problem, each checked day by day. Slow and obvious on purpose."""

from __future__ import annotations

from itertools import product

from app.engine.allocation import NO_BUNDLE, AllocationProblem


def best_value(problem: AllocationProblem) -> int:
    """The greatest value of any assignment that keeps every rule."""
    o = problem.options
    ranges = [[0, *range(int(o.low[k]), int(o.high[k]) + 1)] for k in range(len(o))]
    return max(value(problem, units) for units in product(*ranges) if allowed(problem, units))


def value(problem: AllocationProblem, units: tuple[int, ...]) -> int:
    o, d, s = problem.options, problem.demands, problem.supplies
    points = sum(u * int(o.value[k]) * int(d.weight[o.need[k]]) for k, u in enumerate(units))
    opened = {int(o.listing[k]) for k, u in enumerate(units) if u}
    return points - sum(int(s.opening[where]) for where in opened)


def allowed(problem: AllocationProblem, units: tuple[int, ...]) -> bool:
    return needs_kept(problem, units) and sides_kept(problem, units) and capacity_kept(problem, units)


def needs_kept(problem: AllocationProblem, units: tuple[int, ...]) -> bool:
    d = problem.demands
    got = [0] * len(d)
    for k, u in enumerate(units):
        got[problem.options.need[k]] += u
    if any(g and not d.least[i] <= g <= d.quantity[i] for i, g in enumerate(got)):
        return False
    for bundle in {int(b) for b in d.bundle if b != NO_BUNDLE}:
        if len({got[i] > 0 for i in range(len(d)) if d.bundle[i] == bundle}) > 1:
            return False
    return True


def sides_kept(problem: AllocationProblem, units: tuple[int, ...]) -> bool:
    b, x = problem.budgets, problem.exclusions
    for number, limit in enumerate(b.limit):
        if sum(int(b.cost[i]) * units[b.option[i]] for i in range(len(b.option)) if b.budget[i] == number) > limit:
            return False
    held: dict[int, int] = {}
    for i in range(len(x.option)):
        if units[x.option[i]] and held.setdefault(int(x.group[i]), int(x.party[i])) != x.party[i]:
            return False
    return True


def capacity_kept(problem: AllocationProblem, units: tuple[int, ...]) -> bool:
    o, s, loads = problem.options, problem.supplies, problem.loads
    days = range(int(loads.start.min(initial=0)), int(loads.end.max(initial=0)))
    for day, where, column in product(days, range(len(s)), range(loads.amount.shape[1])):
        claimed = sum(
            int(s.claim_amount[i])
            for i in range(len(s.claim_listing))
            if s.claim_listing[i] == where and s.claim_column[i] == column and s.claim_start[i] <= day < s.claim_end[i]
        )
        free = min(int(s.offered[where, column]), int(s.total[where, column] - s.reserve[where, column]) - claimed)
        taken = sum(
            u * int(loads.amount[o.load[k], column])
            for k, u in enumerate(units)
            if u and o.listing[k] == where and loads.start[o.load[k]] <= day < loads.end[o.load[k]]
        )
        if taken > max(free, 0):
            return False
        mates = [i for i in range(len(s)) if i == where or (s.asset[i] >= 0 and s.asset[i] == s.asset[where])]
        together = sum(
            u * int(loads.amount[o.load[k], column])
            for k, u in enumerate(units)
            if u and o.listing[k] in mates and loads.start[o.load[k]] <= day < loads.end[o.load[k]]
        )
        if where == mates[0] and together > max(int(s.total[where, column] - s.reserve[where, column]) - claimed, 0):
            return False
    return True
