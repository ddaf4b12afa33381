"""Every need as one short row of integers, and its parts as rows of floats, as `packed` has the listings: all that a match reads of
a need lies side by side.

`rows[q]`: HEAD words (its parts are FIRST..LAST of `place`), then one word per criterion of its kind: what it asks of it, in the
need's unit (REACH: mm, WINDOW: days, PRICE: the budget, NOT_OWN: its organisation). `place[p]`: a part's middle in degrees, half
its length in metres and its ends A and B in cm, whole numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine import compile as c
from app.engine.compile import KindTables
from app.engine.earth import Floats
from app.engine.parts import Parts
from app.engine.problem import Ints, Needs

KIND, START, END, CURRENCY, BONUS, FIRST, LAST, HEAD = range(8)
LON, LAT, HALF_M, A, B, PLACE = 0, 1, 2, 3, 6, 9


class Asked(NamedTuple):
    rows: Ints
    place: Floats


def asked_of(needs: Needs, parts: Parts, tables: KindTables) -> Asked:
    """O(needs × criteria)."""
    return Asked(asked_rows(needs, parts.ptr, tables), placed(parts))


def asked_rows(needs: Needs, ptr: Ints, tables: KindTables) -> Ints:
    rows = np.zeros((len(needs), HEAD + tables.table.shape[1]), np.int64)
    rows[:, KIND], rows[:, START], rows[:, END] = needs.kind, needs.start, needs.end
    rows[:, CURRENCY], rows[:, BONUS] = needs.currency, needs.bonus
    rows[:, FIRST], rows[:, LAST] = ptr[:-1], ptr[1:]
    for kind in range(len(tables.kinds)):
        mine = np.flatnonzero(needs.kind == kind)
        for position in range(tables.count[kind]):
            rows[mine, HEAD + position] = _demand(needs, tables.table[kind, position], mine)
    return rows


def placed(parts: Parts) -> Floats:
    place = np.empty((len(parts.lon), PLACE))
    place[:, LON], place[:, LAT], place[:, HALF_M] = parts.lon, parts.lat, parts.half_m
    place[:, A:B], place[:, B:PLACE] = parts.a, parts.b
    return place


def _demand(needs: Needs, field: Ints, mine: Ints) -> NDArray[np.int64]:
    test = int(field[c.TEST])
    if test < c.REACH:
        return np.asarray(needs.values[mine, field[c.DEMAND]])
    if test == c.WINDOW:
        return np.asarray(needs.end[mine].astype(np.int64) - needs.start[mine])
    shared: dict[int, Ints] = {c.REACH: needs.radius_mm, c.PRICE: needs.budget_minor, c.NOT_OWN: needs.organisation}
    return np.asarray(shared[test][mine])
