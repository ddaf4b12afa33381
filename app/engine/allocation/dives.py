"""Answers of assignments whose rows must be filled to the last unit, by descents over packs.

A descent solves the linear program over packs (`pool`), fixes the clearest pack, and prices the rest again; it turns back as soon as
the bound says that nothing better lies below, and takes few exceptions from the clearest (limited discrepancy: Sadykov et al.
2019). First over all rows, then over a few rows and what they hold (Shaw 1998), drawn by what each loses against the bound:
the gap of an answer is the sum of what its rows lose. Most draws end at their first bound, in milliseconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.engine.allocation.chains import Rows
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats
from app.engine.allocation.part import Part
from app.engine.allocation.pool import EPS, Assignment, Program, assignment_of
from app.engine.problem import Ints

NEEDS, LEAST_ROWS, MOST_ROWS = 50, 2, 12  # of a neighbourhood at first, and of its rows; it grows while nothing is found
GROWS, SHRINKS = 0.05, 0.5
EXCEPTIONS, WIDE = 2, 2  # from the clearest pack on one way down; packs tried at one place
EVERYWHERE = 0.3  # points that a row counts as losing at least, so that all are drawn


class Descent:
    """The search below some needs and rows for what is worth at least a point more than `value`: `packs` when found."""

    def __init__(self, whole: Assignment, value: float, nodes: int, clock: Clock) -> None:
        self.whole, self.value, self.nodes, self.clock = whole, value, nodes, clock
        self.packs: list[int] = []

    def go(self, needs: Ints, rows: Ints, fixed: list[int], worth: float, pay: Floats, exceptions: int) -> None:
        """`fixed`: the packs chosen above, worth so much."""
        if not len(needs) or not len(rows):
            self._end(worth, fixed)
        if not len(needs) or not len(rows) or self.nodes <= 0 or self.clock.over():
            return
        self.nodes -= 1
        found = Program(self.whole, needs, rows).solve(pay, self.value - worth + 1 - EPS, self.clock)
        if found is None or worth + found.value < self.value + 1 - EPS:
            return
        pool, held = self.whole.packs, np.flatnonzero(found.weight > EPS)
        order = held[np.argsort(-found.weight[held], kind="stable")]
        sure = found.packs[order[found.weight[order] > 1 - EPS]].tolist()
        doubtful = found.packs[order[found.weight[order] <= 1 - EPS]].tolist()
        fixed, worth = [*fixed, *sure], worth + float(pool.points[sure].sum())
        if not doubtful:
            self._end(worth, fixed)
        for turn, pack in enumerate(doubtful[: min(WIDE, exceptions + 1)]):
            left = needs[~np.isin(needs, np.concatenate([pool.of(one) for one in (*sure, pack)]))]
            open_ = rows[~np.isin(rows, pool.row[[*sure, pack]])]
            self.go(left, open_, [*fixed, pack], worth + float(pool.points[pack]), found.pay, exceptions - turn)

    def _end(self, worth: float, packs: list[int]) -> None:
        if worth >= self.value + 1 - EPS:
            self.value, self.packs = worth, packs


class Found(NamedTuple):
    """What was found before: the best answer, a bound, what needs pay there, and packs as lists of options."""

    taken: Ints
    bound: int
    pay: Floats
    packs: list[Ints]


def dived(part: Part, rows: Rows, found: Found, draws: int, nodes: int, clock: Clock, rng: np.random.Generator) -> Ints:
    """A better answer, or the same: a descent over all rows and `draws` a row over some, of at most `nodes` programs each."""
    taken, bound, pay, packs = found
    whole = assignment_of(part, rows)
    if whole is None or draws <= 0:
        return taken
    used = np.unique(rows.row)
    owner, choice = np.repeat(np.arange(len(part.quantity)), np.diff(part.ptr)), np.full(len(part.quantity), -1, np.int64)
    choice[owner[taken > 0]] = rows.row[taken > 0]
    _keep(whole, packs, owner, rows.row)
    value, everybody = whole.worth(choice), np.arange(len(choice))
    worth, _ = whole.filled(everybody, used, pay)
    least = max(float(LEAST_ROWS), min(MOST_ROWS / 2, NEEDS * len(used) / max(1, len(choice))))
    most = max(least, float(min(MOST_ROWS, len(used) - 1)))
    size, needs, drawn, met = least, everybody, used, set[bytes]()
    for draw in range(draws * len(used) + 1):
        if value >= bound or clock.over():
            break
        if draw:
            drawn = _drawn(whole, used, worth, choice, pay, int(size + rng.random()), rng)
            if drawn.tobytes() in met:
                size = min(most, size + GROWS)
                continue
            met.add(drawn.tobytes())
            needs = np.flatnonzero(np.isin(choice, drawn) | (choice < 0))
        before = whole.worth(np.where(np.isin(everybody, needs), choice, -1))
        search = Descent(whole, before, nodes, clock.share(0.5) if not draw else clock)
        search.go(needs, drawn, [], 0.0, pay, EXCEPTIONS)
        if search.packs:
            choice[needs] = -1
            for pack in search.packs:
                choice[whole.packs.of(pack)] = whole.packs.row[pack]
            value += search.value - before
            met.clear()
        if len(used) <= LEAST_ROWS:
            break
        size = max(least, size - SHRINKS) if search.packs else min(most, size + GROWS)
    answer, served = np.zeros(len(part.points), np.int64), np.flatnonzero(choice >= 0)
    answer[whole.option[served, choice[served]]] = 1
    return answer if part.worth(answer) > part.worth(taken) else taken


def _keep(whole: Assignment, packs: list[Ints], owner: Ints, row: Ints) -> None:
    """Packs met before, of options that are the best of their need on their row."""
    rows = [int(row[pack[0]]) for pack in packs]
    needs = [np.sort(owner[pack]) for pack in packs]
    same = [bool((whole.option[owner[pack], at] == pack).all()) for at, pack in zip(rows, packs, strict=True)]
    kept = [at for at, plain in enumerate(same) if plain]
    points = [float(whole.points[needs[at], rows[at]].sum()) for at in kept]
    whole.packs.add([rows[at] for at in kept], [needs[at] for at in kept], points)


def _drawn(whole: Assignment, used: Ints, worth: Floats, choice: Ints, pay: Floats, size: int, rng: np.random.Generator) -> Ints:
    """Rows that lose much against the bound, more often than others."""
    served = np.flatnonzero(choice >= 0)
    gains = whole.points[served, choice[served]] - pay[served]
    loses = worth - np.bincount(choice[served], gains, len(whole.capacity))[used]
    share = np.maximum(loses, 0) + EVERYWHERE
    return np.sort(rng.choice(used, min(size, len(used)), replace=False, p=share / share.sum()))
