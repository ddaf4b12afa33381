"""Who pays what of something built together: Shapley's value, proportion to the stand-alone cost, and whether anybody would leave.

Shares are whole minor units that sum exactly to the cost (largest remainders, ties to the earlier member). Towers are an airport
game (Littlechild and Owen 1973): the next metre is paid in equal parts by those who need it; concave, so Shapley's value lies in
its core (Shapley 1971). For any other cost the value is exact up to EXACT_MEMBERS, above that sampled over orders in pairs of an
order and its reverse (Castro, Gómez and Tejada 2009), with a 95 % error stated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np

EXACT_MEMBERS = 12
Cost = Callable[[frozenset[int]], int]  # what a coalition of members (0..n-1) would pay by itself


@dataclass(frozen=True, slots=True)
class Split:
    """`share[k]`: what member k pays; `error`: half the width of a 95 % interval of the widest share, 0 where it is exact."""

    share: tuple[int, ...]
    error: int = 0


@dataclass(frozen=True, slots=True)
class CoreCheck:
    """`excess`: the most that a coalition pays above what it would cost by itself (at most 0: nobody would leave), and who it
    is."""

    excess: int
    coalition: tuple[int, ...]

    @property
    def stable(self) -> bool:
        return self.excess <= 0


def rounded(exact: Sequence[Fraction], total: int) -> tuple[int, ...]:
    """Whole units that sum to `total`, each less than one unit from its exact share."""
    floors = [math.floor(x) for x in exact]
    left = total - sum(floors)
    order = sorted(range(len(exact)), key=lambda k: (floors[k] - exact[k], k))
    raised = set(order[:left])
    return tuple(floor + (k in raised) for k, floor in enumerate(floors))


def airport_shapley(needed: Sequence[int], own: Sequence[int]) -> Split:
    """The split of `max(needed) + sum(own)`: increments by those who need them, `own` by its owner. O(n log n)."""
    order = sorted(range(len(needed)), key=lambda k: (needed[k], k))
    share, paid, before = [Fraction(0)] * len(needed), Fraction(0), 0
    for place, k in enumerate(order):
        paid += Fraction(needed[k] - before, len(order) - place)
        before = needed[k]
        share[k] = paid + own[k]
    return Split(rounded(share, max(needed, default=0) + sum(own)))


def by_proportion(total: int, alone: Sequence[int]) -> Split:
    """In proportion to what each would spend alone; in equal parts where that is nothing. Nobody pays more than alone unless the
    whole does."""
    whole = sum(alone)
    weight = [Fraction(a, whole) for a in alone] if whole else [Fraction(1, len(alone))] * len(alone)
    return Split(rounded([total * w for w in weight], total))


def exact_shapley(cost: Cost, members: int) -> Split:
    """Shapley's value by all 2ⁿ coalitions."""
    if members > EXACT_MEMBERS:
        raise ValueError(f"exact only up to {EXACT_MEMBERS} members")
    everyone = range(members)
    known = {frozenset(c): cost(frozenset(c)) for n in range(members + 1) for c in combinations(everyone, n)}
    share = []
    for k in everyone:
        value = Fraction(0)
        for coalition, paid in known.items():
            if k not in coalition:
                weight = Fraction(factorial(len(coalition)) * factorial(members - len(coalition) - 1), factorial(members))
                value += weight * (known[coalition | {k}] - paid)
        share.append(value)
    return Split(rounded(share, known[frozenset(everyone)]))


def sampled_shapley(cost: Cost, members: int, orders: int = 400, seed: int = 0) -> Split:
    """Shapley's value by `orders` random orders and their reverses. Deterministic by seed; sums to the cost exactly."""
    rng, known = np.random.default_rng(seed), dict[frozenset[int], int]()

    def paid(coalition: frozenset[int]) -> int:
        if coalition not in known:
            known[coalition] = cost(coalition)
        return known[coalition]

    pairs = np.zeros((max(2, orders // 2), members))
    for row in pairs:
        order = rng.permutation(members).tolist()
        for walk in (order, order[::-1]):
            inside: frozenset[int] = frozenset()
            for k in walk:
                row[k] += (paid(inside | {k}) - paid(inside)) / 2
                inside |= {k}
    error = 1.96 * pairs.std(axis=0, ddof=1).max() / math.sqrt(len(pairs))
    mean = [Fraction(float(x)).limit_denominator(10**6) for x in pairs.mean(axis=0)]
    total = paid(frozenset(range(members)))
    drift = (total - sum(mean, Fraction(0))) / members
    return Split(rounded([x + drift for x in mean], total), math.ceil(error))


def core_of_towers(share: Sequence[int], needed: Sequence[int], own: Sequence[int], alone: Sequence[int]) -> CoreCheck:
    """Whether a coalition would rather build its own tower, or a member alone as it stated. Exact: of all coalitions that need no
    more than a height, the one that pays too much most holds every member who pays more than its own mounting. O(n²)."""
    worst, toward = CoreCheck(-(10**18), ()), [paid - mine for paid, mine in zip(share, own, strict=True)]
    for level in sorted(set(needed)):
        inside = sorted((k for k in range(len(share)) if needed[k] <= level), key=lambda k: (-toward[k], k))
        tallest = next(k for k in inside if needed[k] == level)
        others = [k for k in inside if k != tallest]
        joined = [k for k in others if toward[k] > 0] or others[:1]
        excess = toward[tallest] + sum(toward[k] for k in joined) - level
        if joined and excess > worst.excess:
            worst = CoreCheck(excess, tuple(sorted((tallest, *joined))))
    for k, paid in enumerate(share):
        if paid - alone[k] > worst.excess:
            worst = CoreCheck(paid - alone[k], (k,))
    return worst


def core_of(share: Sequence[int], cost: Cost) -> CoreCheck:
    """The same over all coalitions but everybody, up to EXACT_MEMBERS."""
    if len(share) > EXACT_MEMBERS:
        raise ValueError(f"exact only up to {EXACT_MEMBERS} members")
    found = [
        CoreCheck(sum(share[k] for k in c) - cost(frozenset(c)), c)
        for n in range(1, len(share))
        for c in combinations(range(len(share)), n)
    ]
    return max(found, key=lambda check: (check.excess, check.coalition), default=CoreCheck(0, ()))
