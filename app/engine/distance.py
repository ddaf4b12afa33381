"""The distance of any need from any listing, however far and whatever their shapes."""

from __future__ import annotations

import numpy as np

from app.engine.candidates import flatten
from app.engine.earth import GEODESIC_MM, between
from app.engine.facts import prepare
from app.engine.parts import GEOD, turned
from app.engine.problem import AREA, Problem

ROWS_AT_ONCE = 500_000


def pair_distance_mm(problem: Problem, need: int, listing: int) -> int:
    """Geodesic millimetres, 0 where an area and the other place meet. O(parts × parts)."""
    if problem.needs.place.form[need] == AREA or problem.listings.place.form[listing] == AREA:
        left = flatten(problem.needs.place, np.array([need]))[0]
        right = flatten(problem.listings.place, np.array([listing]))[0]
        if any(turned(left, turn).intersects(right) for turn in (0.0, 360.0, -360.0)):
            return 0
    prepared = prepare(problem)
    mine, theirs = prepared.need_parts, prepared.listing_parts
    m, t = slice(*mine.ptr[need : need + 2]), slice(*theirs.ptr[listing : listing + 2])
    p, q, a, b = (x.astype(np.float64) for x in (mine.a[m], mine.b[m], theirs.a[t], theirs.b[t]))
    step = max(1, ROWS_AT_ONCE // len(a))
    least, at = None, (0, 0)
    for begin in range(0, len(p), step):
        n = len(p[begin : begin + step])
        i, j = np.repeat(np.arange(n), len(a)), np.tile(np.arange(len(a)), n)
        found = between(p[begin + i], q[begin + i], a[j], b[j])
        k = int(found.argmin())
        if least is None or found[k] < least:
            least, at = int(found[k]), (begin + int(i[k]), int(j[k]))
    assert least is not None
    if least <= GEODESIC_MM:
        return least
    i, j = m.start + at[0], t.start + at[1]
    metres: float = GEOD.inv(mine.lon[i], mine.lat[i], theirs.lon[j], theirs.lat[j])[2]
    return round(metres * 1000)
