"""Who pays what of a joint trench: Shapley's value of the game in which a coalition digs what its own ways need, or its members go
alone where that is cheaper.

A section that several use is paid in equal parts by them: of such a game this is Shapley's value (Megiddo 1978; the airport game of
Littlechild and Owen 1973 is the case of nested users). It is that of the whole game wherever nobody's way costs more than going alone.
Else the value is reckoned from all coalitions: the game is subadditive, so nobody pays more than alone. Thousandths in, whole minor
units out.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from app.engine.cobuild.split import EXACT_MEMBERS, rounded
from app.engine.problem import Ints

UNIT = 1000


class Joint(NamedTuple):
    """`dug[k]`: cost of section k; `used[k, m]`: whether member m uses it; `own[m]`, `alone[m]`: a member's own ducts on its joint
    way, and what it pays by itself. All in thousandths."""

    dug: Ints
    used: NDArray[np.bool_]
    own: Ints
    alone: Ints

    @property
    def members(self) -> int:
        return len(self.own)

    @property
    def total(self) -> int:
        return int(self.dug.sum() + self.own.sum())

    @property
    def closed(self) -> bool:
        """Whether the equal parts of each section are Shapley's value: nobody's way by itself costs more than going alone."""
        return bool((self.used.T @ self.dug + self.own <= self.alone).all())


def coalition_costs(joint: Joint) -> Ints:
    """What each coalition (bits) would pay: the least over who of it digs together and who goes alone. O(2ⁿ (n + sections))."""
    n = joint.members
    if n > EXACT_MEMBERS:
        raise ValueError(f"exact only up to {EXACT_MEMBERS} members")
    masks = np.arange(1 << n, dtype=np.int64)
    bits = 1 << np.arange(n, dtype=np.int64)
    users = (joint.used * bits).sum(axis=1)
    cost = np.zeros(1 << n, np.int64)
    for mask, price in zip(users.tolist(), joint.dug.tolist(), strict=True):
        cost += np.where(masks & mask, price, 0)
    for m in range(n):
        cost += np.where(masks & bits[m], joint.own[m], 0)
    for m in range(n):  # in any order: leaving members out one after another reaches every subset
        inside = masks[(masks & bits[m]) != 0]
        cost[inside] = np.minimum(cost[inside], cost[inside ^ bits[m]] + joint.alone[m])
    return cost


def better_alone(joint: Joint) -> tuple[int, ...]:
    """The members without whom the others and they themselves pay less in all; none where the group stands."""
    n, everyone = joint.members, (1 << joint.members) - 1
    cost = coalition_costs(joint)
    if cost[everyone] >= joint.total:
        return ()
    together = [
        int((joint.dug[(joint.used[:, _bits(s, n)]).any(axis=1)]).sum() + joint.own[_bits(s, n)].sum())
        for s in range(everyone + 1)
    ]
    best = min(
        range(everyone + 1), key=lambda s: (together[s] + int(joint.alone[_bits(everyone ^ s, n)].sum()), -s.bit_count(), s)
    )
    return tuple(k for k in range(n) if not best >> k & 1)


def _bits(mask: int, n: int) -> list[int]:
    return [k for k in range(n) if mask >> k & 1]


def holds_together(joint: Joint) -> bool:
    """Whether each member shares a section with another, and these with the rest: else there are two groups, or none."""
    meets = (joint.used.T.astype(np.int64) @ joint.used.astype(np.int64)) > 0
    return int(connected_components(csr_matrix(meets), directed=False)[0]) <= 1


def trench_shapley(joint: Joint) -> tuple[int, ...]:
    """Whole minor units that sum to the cost, rounded up. Nobody pays more than alone, a unit of rounding apart."""
    total = -(-joint.total // UNIT)
    if joint.closed:
        users = joint.used.sum(axis=1)
        exact = [Fraction(int(own)) for own in joint.own]
        for k, price in enumerate(joint.dug.tolist()):
            part = Fraction(price, int(users[k]))
            for m in np.flatnonzero(joint.used[k]).tolist():
                exact[m] += part
    else:
        exact = _from_coalitions(coalition_costs(joint), joint.members)
    scale = Fraction(total * UNIT, joint.total) if joint.total else Fraction(1)
    return rounded([share * scale / UNIT for share in exact], total)


def _from_coalitions(cost: Ints, n: int) -> list[Fraction]:
    share = []
    masks = np.arange(1 << n, dtype=np.int64)
    size = np.array([int(m).bit_count() for m in masks.tolist()])
    for m in range(n):
        without = masks[(masks >> m) & 1 == 0]
        added = cost[without | (1 << m)] - cost[without]
        whole = Fraction(0)
        for k in range(n):
            weight = Fraction(factorial(k) * factorial(n - k - 1), factorial(n))
            whole += weight * int(added[size[without] == k].sum())
        share.append(whole)
    return share


def core_excess(joint: Joint, share: Sequence[int]) -> int:
    """The most that a coalition pays above what it would by itself, in minor units: at most 0 where nobody would leave."""
    cost = coalition_costs(joint)
    paid = np.zeros(len(cost), np.int64)
    for m, amount in enumerate(share):
        paid += np.where((np.arange(len(cost)) >> m) & 1, amount, 0)
    return int((paid - -(-cost // UNIT))[1:-1].max(initial=0)) if joint.members > 1 else 0
