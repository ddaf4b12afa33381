"""The needs of a live index: columns that grow, their parts in the order of their slots, and the index by level of reach.

A changed need is a new one in a new slot; the old one stays behind, out of everybody's reach.
"""

from __future__ import annotations

import numpy as np

from app.engine.asked import FIRST, LAST, Asked, asked_rows, placed
from app.engine.facts import Prepared
from app.engine.grid import add_part
from app.engine.grid_columns import NOWHERE, Grid, empty_grid
from app.engine.index import Index, build_index
from app.engine.live.columns import Full, spare, with_room
from app.engine.live.reach_kernel import LEVELS, level_of
from app.engine.parts import cut
from app.engine.problem import AREA, Ints, Needs, Places, Problem

PLAIN = ("id", "kind", "radius_mm", "budget_minor", "currency", "start", "end", "organisation", "values", "bonus")


def levels_of(radius_mm: Ints) -> Ints:
    """`reach_kernel.level_of` of many."""
    bounds = 100_000 * 2 ** np.arange(LEVELS - 1, dtype=np.int64)
    return np.searchsorted(bounds, radius_mm).astype(np.int64)


class Asks:
    """All columns have room for `room` rows; `n` are used. `used[kind × LEVELS + level]`: how many live needs are of it."""

    def __init__(self, problem: Problem, prepared: Prepared) -> None:
        needs, parts = problem.needs, prepared.need_parts
        self.n = n = len(needs)
        self.room = room = n + spare(n)
        self.plain = {name: with_room(getattr(needs, name), room - n) for name in PLAIN}
        self.plain["kind"] = self.plain["kind"].astype(np.int64)
        self.place = Places(*(with_room(getattr(needs.place, f), room - n) for f in ("form", "lon", "lat", "shape")))
        more = spare(len(parts.lon))
        self.tables, self.part_count = problem.tables, len(parts.lon)
        self.asked = Asked(with_room(prepared.asked.rows, room - n), with_room(prepared.asked.place, more))
        self.wide_mm = np.zeros(room, np.int64)
        groups = max(1, len(problem.kinds)) * LEVELS
        group = needs.kind.astype(np.int64) * LEVELS + levels_of(needs.radius_mm)
        index = build_index(parts, group, groups)
        self.index = Index._make(np.array(column) for column in index)
        self.position = np.argsort(index.listing, kind="stable")
        self.used = np.bincount(group, minlength=groups).astype(np.int64)
        self.entry = np.full(room, -1, np.int64)
        self.grid: Grid = empty_grid(more)
        self.alive = np.zeros(room, bool)
        self.alive[:n] = True
        self.slot_of = dict(zip(needs.id.tolist(), range(n), strict=True))
        self.areas: dict[int, set[int]] = {}
        for slot in np.flatnonzero(needs.place.form == AREA).tolist():
            self.areas.setdefault(int(needs.kind[slot]), set()).add(slot)

    def put(self, block: Needs) -> None:
        """Take needs that are new or changed (none twice)."""
        n, m = self.n, len(block)
        parts = cut(block.place)
        begin, count = self.part_count, len(parts.lon)
        if n + m > self.room or begin + count > len(self.asked.place) or self.grid.filled[0] + count > len(self.grid.cell):
            raise Full
        for name, column in self.plain.items():
            column[n : n + m] = getattr(block, name)
        for name in ("form", "lon", "lat", "shape"):
            getattr(self.place, name)[n : n + m] = getattr(block.place, name)
        self.asked.rows[n : n + m] = asked_rows(block, begin + parts.ptr, self.tables)
        self.asked.place[begin : begin + count] = placed(parts)
        self.part_count = begin + count
        for at, id_ in enumerate(block.id.tolist()):
            if (before := self.slot_of.get(id_)) is not None:
                self.drop(before)
            slot = self.slot_of[id_] = n + at
            group = int(block.kind[at]) * LEVELS + int(level_of(block.radius_mm[at]))
            self.used[group] += 1
            self.entry[slot] = self.grid.filled[0]
            for part in range(int(parts.ptr[at]), int(parts.ptr[at + 1])):
                self.index.reach_m[group] = max(self.index.reach_m[group], parts.half_m[part])
                add_part(self.grid, group, parts.lon[part], parts.lat[part], parts.a[part], parts.b[part], slot)
        self.alive[n : n + m] = True
        for at in np.flatnonzero(block.place.form == AREA).tolist():
            self.areas.setdefault(int(block.kind[at]), set()).add(n + at)
        self.n = n + m

    def drop(self, slot: int) -> None:
        """Take a need out of the index."""
        begin, end, entry = int(self.asked.rows[slot, FIRST]), int(self.asked.rows[slot, LAST]), int(self.entry[slot])
        if entry >= 0:
            self.grid.a[entry : entry + end - begin] = NOWHERE
            self.grid.b[entry : entry + end - begin] = NOWHERE
        else:
            at = self.position[begin:end]
            self.index.a[at] = self.index.b[at] = NOWHERE
        kind = int(self.plain["kind"][slot])
        self.used[kind * LEVELS + int(level_of(self.plain["radius_mm"][slot]))] -= 1
        self.alive[slot] = False
        self.areas.get(kind, set()).discard(slot)

    def live(self) -> Needs:
        """The needs as they are now, as columns of their own."""
        n = self.n
        place = Places(*(getattr(self.place, f)[:n] for f in ("form", "lon", "lat", "shape")))
        whole = Needs(place=place, **{name: column[:n] for name, column in self.plain.items()})
        return whole.take(np.flatnonzero(self.alive[:n]))
