"""The compiled way through a block: room for what `match_kernel.match` finds, and that as the columns of a block."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine.candidates import Work, touching
from app.engine.facts import Prepared, sealed
from app.engine.grid_columns import empty_grid
from app.engine.packed import ASKED, HEAD, Packed
from app.engine.problem import Ints, Problem
from app.engine.result import Params

NO_GRID = sealed(empty_grid(0))
Scratch = tuple[Ints, Ints, NDArray[np.int32], Ints, Ints, Ints, Ints, Ints, Ints, Ints]
PAIR_COLUMNS = slice(-6, None)  # of `match_kernel.Found`: listing, mm, score, fail, unstated, margin


def match_block(problem: Problem, prepared: Prepared, work: Work, params: Params, room: Any = None) -> tuple[Any, int, int]:
    """(Found, fits, pairs) of the needs of `work`; `room`: made by `make_room` for these needs, to be used again."""
    from app.engine.match_kernel import match

    ptr, extra = _extra(problem, prepared, work.order)
    work = work._replace(bound=work.bound + np.diff(ptr))
    found = room or make_room(prepared, work, params)
    index, asked, packed, facts = prepared.listing_index, prepared.asked, prepared.packed, prepared.facts
    scratch = scratch_of(int(work.bound.max(initial=0)), packed, params.near_k)
    given = (work.order, work.search_mm, index, NO_GRID, asked, packed, facts, ptr, extra)
    fits, pairs = match(*given, params.top_k, params.near_k, params.keep_pairs, scratch, found)
    return found, fits, pairs


def scratch_of(most: int, packed: Packed, near_k: int) -> Scratch:
    """What the kernel notes of one need with at most so many candidates: hit, far, `seen` by row, total, fail, blank, margins by
    criterion; what it asks, what it leaves open, the keys of its near misses. What is never written takes no memory."""
    hit, far, total, fail, blank = (np.empty(most, np.int64) for _ in range(5))
    criteria = packed.rows.shape[1] - HEAD
    margins, asks, idle = (
        np.empty((criteria, most), np.int64),
        np.empty((criteria, ASKED), np.int64),
        np.empty(criteria, np.int64),
    )
    return hit, far, np.zeros(len(packed.rows), np.int32), total, fail, blank, margins, asks, idle, np.empty(near_k, np.int64)


def make_room(prepared: Prepared, work: Work, params: Params) -> Any:
    """Room for all that the needs of `work` can find."""
    most = int(work.bound.sum())
    return room_of(len(work.order), prepared.facts.table.shape[1], params, most, most if params.keep_pairs else 0)


def _extra(problem: Problem, prepared: Prepared, order: Ints) -> tuple[Ints, Ints]:
    """CSR by `order`: the packed rows of the listings whose place meets the need's."""
    ptr = np.zeros(len(order) + 1, np.int64)
    if (met := touching(problem, prepared, order)) is None:
        return ptr, np.zeros(0, np.int64)
    place = np.full(len(problem.needs), -1, np.int64)
    place[order] = np.arange(len(order))
    at = place[met[0]]
    np.cumsum(np.bincount(at, minlength=len(order)), out=ptr[1:])
    return ptr, prepared.packed.row_of[met[1][np.argsort(at, kind="stable")]].astype(np.int64)


def room_of(m: int, criteria: int, params: Params, fits: int, pairs: int) -> Any:
    from app.engine.match_kernel import Found

    def empty(*shape: int, of: type[np.generic] = np.int64) -> NDArray[Any]:
        return np.empty(shape, of)

    k, near = (m, params.top_k), (m, params.near_k)
    return Found(
        np.zeros(m, np.int64), empty(*k), empty(*k, of=np.int32), empty(*k),
        np.zeros(m, np.int64), empty(*near), empty(*near, of=np.int32), empty(*near), empty(*near, of=np.uint32), empty(*near, of=np.uint32),
        np.zeros(m, np.int64), np.zeros(m, np.int64), np.zeros((m, criteria), np.int64),
        empty(fits), empty(fits, of=np.int32), empty(fits),
        empty(pairs), empty(pairs), empty(pairs, of=np.int32), empty(pairs, of=np.uint32), empty(pairs, of=np.uint32), empty(criteria, pairs),
    )  # fmt: skip
