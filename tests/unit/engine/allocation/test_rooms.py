"""Sets of open places and the assignments of every need to them, against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.engine.allocation import place_tree, rooms_kernel
from app.engine.allocation.clock import Clock
from app.engine.allocation.place_tree import Tree, fit_for_packs
from app.engine.allocation.places import SCALE, Bools, Places, first_pay
from app.engine.allocation.rooms import among, bound_at, nearest, packs_within, priced, rooms_of
from app.engine.problem import Ints
from app.engine.solve import Stop

SEEDS = range(60)
NOBODY = -(2**40)  # less than any answer is worth


def town(seed: int) -> Places:
    """Little room to spare for three to six needs, which may take more of one place than of another."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(3, 7)), int(rng.integers(2, 4))
    amount = rng.integers(1, 7, (n, 1)) + (rng.random((n, m)) < 0.2)
    may = rng.random((n, m)) < 0.9
    capacity = np.maximum(1, amount.sum(axis=0) * rng.choice([0.4, 0.6, 0.8], m)).astype(np.int64)
    may &= amount <= capacity
    may[:, 0] |= ~may.any(axis=1)
    return Places(
        points=np.where(may, rng.integers(20, 60, (n, m)), -(2**40)), amount=np.where(may, amount, 0),
        option=np.where(may, np.arange(n * m).reshape(n, m), -1), capacity=capacity, opening=rng.integers(0, 30, m),
        place=np.tile(np.arange(m), n), least=np.where(may, amount, 99).min(axis=1),
    )  # fmt: skip


def nothing(open_: Bools) -> Ints:
    """As if no answer were known for a set: units by option, of the largest town."""
    return np.zeros(len(open_) * 6, np.int64)


def values(places: Places) -> dict[tuple[int, ...], int]:
    """What every assignment of all needs is worth that keeps every room, where it is worth anything."""
    n, m = places.points.shape
    found, row = {}, np.arange(n)
    for where in product(range(m), repeat=n):
        at = np.array(where)
        held = np.bincount(at, places.amount[row, at], m)
        if (places.option[row, at] >= 0).all() and (held <= places.capacity).all():
            found[where] = int(places.points[row, at].sum() - places.opening[np.unique(at)].sum())
    return {where: value for where, value in found.items() if value > 0}


@pytest.mark.parametrize("few", [1, 3, 300])
def test_the_sets_of_places_lead_to_the_best_assignment_of_all_needs(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_tree, "FEW", few)  # packs: less than all, and the assignment is split
    found = 0
    for seed in SEEDS:
        places = town(seed)
        every, tree, again = values(places), Tree(places, 0, nothing), Tree(places, 0, nothing)
        assert fit_for_packs(places)
        tree.search(10_000, Clock(Stop()))
        again.search(10_000, Clock(Stop()))
        if not every:
            assert tree.taken is None, seed
            continue
        assert tree.taken is not None, seed
        assert again.taken is not None, seed
        need, where = np.divmod(np.flatnonzero(tree.taken), len(places.opening))
        assert (need == np.arange(len(places.least))).all(), seed
        assert every[tuple(where.tolist())] == tree.value == max(every.values()) == tree.bound, seed
        assert (tree.taken == again.taken).all(), seed
        found += 1
    assert found > 20


def test_a_search_cut_short_bounds_what_it_left() -> None:
    for seed in SEEDS:
        places = town(seed)
        every, tree = values(places), Tree(places, 0, nothing)
        tree.search(2, Clock(Stop()))
        if every:
            assert tree.value <= max(every.values()) <= tree.bound, seed


def test_packs_are_all_that_fill_a_place_between_its_limits() -> None:
    for seed in SEEDS:
        places, rng = town(seed), np.random.default_rng(seed)
        rooms = rooms_of(places, np.ones(len(places.opening), bool), places.option >= 0)
        if rooms is None:
            continue
        pay = (first_pay(places) * rng.uniform(0.3, 1.2, len(places.least))).astype(np.int64)
        best, lacks, (n, m) = np.empty(len(rooms.capacity), np.int64), int(rng.integers(0, 60 * SCALE)), rooms.points.shape
        chosen, wanted = np.zeros((n, m), bool), []
        total = rooms_kernel.fill_all(
            rooms.points, rooms.amount, rooms.capacity, rooms.least, rooms.able, SCALE, pay, best, chosen
        )
        gains = [
            {
                who: int((SCALE * rooms.points[list(who), j] - pay[list(who)]).sum())
                for choice in product((False, True), repeat=n)
                if rooms.able[list(who := tuple(np.flatnonzero(choice).tolist())), j].all()
                and rooms.least[j] <= rooms.amount[list(who), j].sum() <= rooms.capacity[j]
            }
            for j in range(m)
        ]
        assert (total == rooms_kernel.NONE) == any(not of for of in gains), seed
        if total == rooms_kernel.NONE:
            continue
        for j, of in enumerate(gains):
            assert of[tuple(np.flatnonzero(chosen[:, j]).tolist())] == best[j] == max(of.values()), seed
            wanted += [(j, who, int(best[j]) - gain) for who, gain in of.items() if best[j] - gain <= lacks]
        packs = packs_within(rooms, pay, lacks, 1000)
        assert packs is not None
        got = [
            (int(j), tuple(packs.need[packs.ptr[a] : packs.ptr[a + 1]].tolist()), int(packs.lacks[a]))
            for a, j in enumerate(packs.place)
        ]
        assert sorted(got) == sorted(wanted), seed
        assert packs_within(rooms, pay, lacks, len(got) - 1) is None, seed


def test_a_window_holds_every_answer_that_lacks_no_more() -> None:
    found = 0
    for seed in SEEDS:
        places = town(seed)
        open_ = np.ones(len(places.opening), bool)
        rooms, every = rooms_of(places, open_, places.option >= 0), values(places)
        spent = int(places.opening.sum())
        points = [int(places.points[np.arange(len(where)), where].sum()) - spent for where in every]
        at = None if rooms is None else priced(rooms, first_pay(places), NOBODY, Clock(Stop()))
        if rooms is None or at is None:
            continue
        assert at.bound == bound_at(rooms, at.pay), seed
        assert max(points, default=NOBODY) * SCALE <= at.bound, seed
        near = nearest(rooms, at.pay, 5 * SCALE, 4)
        if near is None:
            continue
        window = among(rooms, near, Clock(Stop()))
        assert 0 <= window.lacks <= 5 * SCALE
        inside = [one for one in points if one * SCALE >= at.bound - window.lacks]
        assert (window.where is not None) == bool(inside), seed
        if window.where is not None:
            got = int(places.points[np.arange(len(window.where)), window.where].sum()) - spent
            assert got == max(inside), seed
        found += window.where is not None
    assert found > 10
