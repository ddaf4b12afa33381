"""Branch and bound over places: each open or closed, the best bound first; where all are settled, the assignment to those open.

The bound by places leads to few sets of places; each set's own bound, which knows what rooms hold at least, is far better, and the
set waits its turn by that. An assignment goes to HiGHS as far as few packs go, and is split by where one need is. It looks for
answers that serve every need: whether others could be better, the caller must know.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from app.engine.allocation import places_kernel
from app.engine.allocation.clock import Clock
from app.engine.allocation.lagrange import Floats
from app.engine.allocation.places import SCALE, Bools, Places, descended, first_pay
from app.engine.allocation.rooms import Rooms, among, bound_at, nearest, priced, rooms_of
from app.engine.problem import Ints

NEEDS_A_ROOM = 12  # of average amount, in a place of average room: packs of more are too many
ROOT, STEPS = 300, 20  # of the bound, at first and at each set of places
FEW = 300  # packs that HiGHS is given: more than that is split first
UNKNOWN = 100  # no pack lacks more than so much of the bound, where no answer is known
LEAST_SHARE = 1e-9  # as if needs that are wholly in one place were a little elsewhere too: these are split last


class Node(NamedTuple):
    """Places settled like this, when needs pay so much; needs may be where they are `able`. `share`, of which places the linear
    program puts each need where, when it has been solved."""

    state: Ints
    pay: Ints
    able: Bools
    share: Floats | None = None


def fit_for_packs(places: Places) -> bool:
    """True where each need takes room and few of them, on average, fill a place."""
    return bool((places.least > 0).all() and places.capacity.mean() <= NEEDS_A_ROOM * places.least.mean())


class Tree:
    """The search's state: what waits, by its bound in `SCALE`; the best answer, units by option, and its value; what needs pay at the
    root. `answer` makes some answer for places that are open."""

    def __init__(self, places: Places, value: int, answer: Callable[[Bools], Ints]) -> None:
        self.places, self.value, self.answer = places, value, answer
        self.taken: Ints | None = None
        self.hold, self.pay = int(places.least.sum()), first_pay(places)
        self._waiting: list[tuple[int, int, Node]] = []
        self._met = 0

    def search(self, most: int, clock: Clock) -> None:
        """At most so many nodes."""
        state, able = np.full(len(self.places.opening), -1), self.places.option >= 0
        bound, self.pay, _, _ = descended(self.places, self.pay, state, able, self.hold, ROOT, self.value)
        self._push(bound, Node(state, self.pay, able))
        while self._waiting and self._met < most and not clock.over():
            bound, _, node = heapq.heappop(self._waiting)
            if (node.state == -1).any():
                self._branch(-bound, node)
            elif node.share is None:
                self._price(-bound, node, clock)
            else:
                self._assign(-bound, node, clock)

    @property
    def bound(self) -> int:
        """No answer that serves every need is worth more."""
        return max((self.value, *(-bound // SCALE for bound, _, _ in self._waiting[:1])))

    def _push(self, bound: int, node: Node) -> None:
        if bound // SCALE > self.value:
            self._met += 1
            heapq.heappush(self._waiting, (-bound, self._met, node))

    def _branch(self, most: int, node: Node) -> None:
        """Settles what a better answer cannot have otherwise, and splits by the place that tells most."""
        places, state = self.places, node.state.copy()
        bound, pay, worth, _ = descended(places, node.pay, state, node.able, self.hold, STEPS, self.value)
        most, paid, open_ = min(most, bound), int(pay.sum()), np.zeros(len(state), bool)
        if bound == places_kernel.NONE or most // SCALE <= self.value:
            return
        places_kernel.settle(worth, places.capacity, state, self.hold, paid, (self.value + 1) * SCALE)
        free = np.flatnonzero(state == -1)
        if not len(free):
            self._push(most, node._replace(state=state, pay=pay))
            return
        sides = np.empty((len(free), 2), np.int64)
        for at, j in enumerate(free.tolist()):
            for side in range(2):
                state[j] = side
                sides[at, side] = places_kernel.cover(worth, places.capacity, state, self.hold, open_) + paid
            state[j] = -1
        at = int(np.argmin(sides.max(axis=1)))
        for side in range(2):
            settled = state.copy()
            settled[free[at]] = side
            self._push(min(most, int(sides[at, side])), node._replace(state=settled, pay=pay))

    def _price(self, most: int, node: Node, clock: Clock) -> None:
        rooms = rooms_of(self.places, node.state == 1, node.able)
        found = None if rooms is None else priced(rooms, node.pay, self.value, clock)
        if found is None:
            return
        if (node.able == (self.places.option >= 0)).all():  # a set of places met for the first time
            self._learn(self.answer(node.state == 1))
        self._push(min(most, found.bound), node._replace(pay=found.pay, share=found.share))

    def _learn_if_held(self, rooms: Rooms, where: Ints, open_: Ints) -> None:
        """Every need in one of the open places, where it may be there and there is room."""
        need = np.arange(len(where))
        held = np.bincount(where, rooms.amount[need, where], len(open_))
        if rooms.able[need, where].all() and (held <= rooms.capacity).all():
            taken = np.zeros(len(self.places.place), np.int64)
            taken[self.places.option[need, open_[where]]] = 1
            self._learn(taken)

    def _learn(self, taken: Ints) -> None:
        need, place = np.nonzero(np.where(self.places.option >= 0, taken[self.places.option], 0))
        value = int(self.places.points[need, place].sum() - self.places.opening[np.unique(place)].sum())
        if value > self.value:
            self.value, self.taken = value, taken

    def _assign(self, most: int, node: Node, clock: Clock) -> None:
        """The packs that lack least, and then what is left of the assignment, split by where a need is."""
        open_ = np.flatnonzero(node.state == 1)
        rooms = rooms_of(self.places, node.state == 1, node.able)
        if rooms is None or node.share is None:
            return
        root = bound_at(rooms, node.pay)
        lacks = min(root - (self.value + 1) * SCALE, abs(root) // UNKNOWN)
        near = nearest(rooms, node.pay, lacks, FEW) if lacks >= 0 else None
        if near is not None:
            window = among(rooms, near, clock)
            if window.where is not None:
                self._learn_if_held(rooms, window.where, open_)
            most = min(most, root - window.lacks - 1)
        several = rooms.able & (rooms.able.sum(axis=1) > 1)[:, None]
        apart = np.where(several, (np.minimum(node.share, 1 - node.share) + LEAST_SHARE) * rooms.amount, 0)
        need, at = divmod(int(np.argmax(apart)), len(open_))
        if not several.any():  # nothing is left to choose
            self._learn_if_held(rooms, rooms.able.argmax(axis=1), open_)
            return
        for there in (True, False):
            able = node.able.copy()
            able[need, open_[at]] = False
            if there:
                able[need] = np.arange(able.shape[1]) == open_[at]
            self._push(most, node._replace(able=able, share=None))
