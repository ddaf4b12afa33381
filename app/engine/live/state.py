"""All columns of a live index in one box that a kernel is handed whole: handing over sixty arrays one by one takes longer than
the answer."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type,misc,no-untyped-call"
from __future__ import annotations

from typing import Any, NamedTuple

import numba as nb
import numpy as np
from numba.core import types
from numba.experimental import structref

from app.engine.ahead import ahead
from app.engine.asked import Asked
from app.engine.borrowed import borrowed
from app.engine.facts import Facts
from app.engine.grid_columns import Grid
from app.engine.index import Index
from app.engine.kernel import jit
from app.engine.live.offers import PartColumns
from app.engine.live.reach_kernel import best_needs, reaching, take
from app.engine.live.standing import Standing
from app.engine.live.standing_kernel import keep, turn
from app.engine.match_kernel import Found, match, scan, touch
from app.engine.packed import LISTING, Packed
from app.engine.problem import Ints

TOGETHER = 64  # needs that one call matches
boxed = nb.njit(nogil=True, cache=True)  # for what takes a box, whose holders are counted


class State(NamedTuple):
    """`need_ids`, `home`: by slot. `near_rows`: scratch of `match`; `near_needs`: (hit, far, seen). `found`: room for the
    answers of `TOGETHER` needs, `standing`: what is remembered of them; `top_*`: of one listing. `alone`: room for one slot,
    `no_extra`: that nothing meets it."""

    listing_index: Index
    grid: Grid
    asked: Asked
    packed: Packed
    facts: Facts
    need_index: Index
    need_grid: Grid
    used: Ints
    need_ids: Ints
    radius_mm: Ints
    home: Ints
    parts: PartColumns
    near_rows: Any
    near_needs: Any
    found: Found
    alone: Ints
    no_extra: tuple[Ints, Ints]
    standing: Standing
    top_need: Ints
    top_score: Any
    top_mm: Ints


@structref.register
class BoxType(types.StructRef):
    """The type of a box of one `State`."""

    def preprocess_fields(self, fields):
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class Box(structref.StructRefProxy):
    """A `State` that a kernel takes as one pointer."""

    def __new__(cls, state):
        return structref.StructRefProxy.__new__(cls, state)


structref.define_proxy(Box, BoxType, ["state"])


def entry(kernel, *arguments):
    """The kernel as compiled for the types of these arguments. It looks at no type of what it is handed: that of a box takes longer
    to find out than the call."""
    return kernel.compile(tuple(map(nb.typeof, arguments)))


@boxed
def answer_need(box, slot, k, near_k):
    """`answer_needs` of one that meets no area, within its radius: a call that hands over no array."""
    s = borrowed(box.state)
    s.alone[0] = slot
    ahead(s.asked.rows, slot, 3)
    ahead(s.asked.place, slot, 2)  # of a need that is a point among points; of another, its place is waited for
    ahead(s.radius_mm, slot, 1)
    extra_ptr, extra_row = s.no_extra
    match(
        s.alone, s.radius_mm, s.listing_index, s.grid, s.asked, s.packed, s.facts, extra_ptr, extra_row, k, near_k, False, s.near_rows, s.found
    )  # fmt: skip


@boxed
def answer_needs(box, order, search_mm, extra_ptr, extra_row, k, near_k):
    """Match the needs (slots) of `order`, at most `TOGETHER`, into `found`."""
    s = borrowed(box.state)
    match(
        order, search_mm, s.listing_index, s.grid, s.asked, s.packed, s.facts, extra_ptr, extra_row, k, near_k, False, s.near_rows, s.found
    )  # fmt: skip


@boxed
def answer_listing(box, slot, extra, k):
    """The needs that reach a listing, into `near_needs`, and its best k into `top_*`: (how many reach, fit, stand in the top).
    `extra`: needs whose place meets it, one of the two an area."""
    s = borrowed(box.state)
    n = reach(s, slot, extra)
    hit, far, _ = s.near_needs
    fits, tops = best_needs(slot, n, hit, far, s.facts, s.need_ids, k, s.top_need, s.top_score, s.top_mm)
    return n, fits, tops


@boxed
def remember(box, order):
    """Keep what `answer_needs` has just found of these needs, matched as deep as the lists."""
    s = borrowed(box.state)
    keep(s.standing, order, s.found)


@boxed
def leave(box, slot, listing, extra):
    """A listing (its slot, its id) is about to change or go: take it out of the standings that it reaches; how many needs those
    are, held by `near_needs`."""
    s = borrowed(box.state)
    n = reach(s, slot, extra)
    turn(s.standing, s.facts, s.packed, n, s.near_needs[0], s.near_needs[1], s.packed.row_of[s.home[slot]], listing, -1)
    return n


@boxed
def arrive(box, slot, listing, extra):
    """A listing has come or changed: put it into the standings that it reaches now."""
    s = borrowed(box.state)
    n = reach(s, slot, extra)
    turn(s.standing, s.facts, s.packed, n, s.near_needs[0], s.near_needs[1], s.packed.row_of[s.home[slot]], listing, 1)
    return n


@boxed
def come_back(box, slot, listing, n, k):
    """`arrive` of a listing that has just left and stands where it stood: `n` as `leave` answered it. How many of the needs have
    to be matched again; they come first in `near_needs`."""
    s = borrowed(box.state)
    hit, far, _ = s.near_needs
    turn(s.standing, s.facts, s.packed, n, hit, far, s.packed.row_of[s.home[slot]], listing, 1)
    short = 0
    for p in range(n):
        q = hit[p]
        known = s.standing.n[q]
        if known < k and (known < 0 or known != s.standing.fits[q]):
            hit[p], hit[short] = hit[short], q
            short += 1
    return short


@jit
def reach(s, slot, extra):
    home, kind = s.home[slot], np.int64(s.facts.l_kind[slot])
    hit, far, seen = s.near_needs
    radius = s.facts.n_radius
    n = reaching(s.parts.begin[home], s.parts.end[home], kind, s.parts, s.need_index, s.need_grid, s.used, radius, hit, far, seen)
    for q in extra:
        n = take(q, np.int64(0), n, hit, far, seen)
    return n


@boxed
def listings_of(box, q, limit, extra):
    """How many listings stand within `limit` mm of a need; the first of `near_rows` holds their ids."""
    s = borrowed(box.state)
    hit, far, seen = s.near_rows[0], s.near_rows[1], s.near_rows[2]
    n = 0
    if limit > 0:
        n = scan(q, limit, s.listing_index, s.grid, s.asked, s.packed, hit, far, seen)
    n = touch(n, extra, hit, far, seen)
    for i in range(n):
        hit[i] = s.packed.rows[hit[i], LISTING]
    return n
