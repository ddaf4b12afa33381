"""The listings of a live index: columns that grow, and where each listing stands in the index.

A listing's *slot* is its row in the columns; a change makes a new slot. Its *home* is the slot that holds its parts and its row
of `packed`: a change that does not move it keeps its home. What is replaced stays behind, out of everybody's reach, until the
index is built anew.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.capacity import Profile, build_profile
from app.engine.facts import Prepared
from app.engine.grid import add_part
from app.engine.grid_columns import NOWHERE, Grid, empty_grid
from app.engine.index import Index
from app.engine.live.columns import Full, spare, with_room
from app.engine.packed import INDEX, LISTING, ROW, Packed, packed_rows
from app.engine.parts import Parts, cut
from app.engine.problem import AREA, Listings, Places, Problem

PLAIN = ("id", "kind", "price_minor", "currency", "start", "end", "owner", "values", "offered", "total")
CLAIMS = ("claim_slot", "claim_start", "claim_end", "claim_amount")


class PartColumns(NamedTuple):
    """Parts of listings, by home: those of home h are `begin[h]:end[h]` of the others."""

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    half_m: NDArray[np.float64]


class Offers:
    """All columns have room for `room` rows; `n` are used. Raises `Full` when a block does not fit."""

    def __init__(self, problem: Problem, prepared: Prepared) -> None:
        listings, self.tables = problem.listings, problem.tables
        self.n = n = len(listings)
        self.room = room = n + spare(n)
        self.wide = listings.offered.shape[1]
        self.plain = {name: with_room(getattr(listings, name), room - n) for name in PLAIN}
        self.plain["kind"] = self.plain["kind"].astype(np.int64)
        place = listings.place
        self.place = Places(*(with_room(getattr(place, f), room - n) for f in ("form", "lon", "lat", "shape")))
        self._take_claims(listings, prepared.facts.profile)
        self._take_parts(prepared)
        self.alive = np.zeros(room, bool)
        self.alive[:n] = True
        self.slot_of = dict(zip(listings.id.tolist(), range(n), strict=True))
        self.areas: dict[int, set[int]] = {}
        for slot in prepared.areas.tolist():
            self.areas.setdefault(int(listings.kind[slot]), set()).add(slot)

    def _take_claims(self, listings: Listings, profile: Profile) -> None:
        more = spare(len(listings.claim_slot))
        cells = (self.room - self.n) * self.wide
        self.claim_ptr = with_room(listings.claim_ptr, cells)
        self.claims = {name: with_room(getattr(listings, name), more) for name in CLAIMS}
        self.profile = Profile(
            offered=self.plain["offered"],
            total=self.plain["total"],
            step_ptr=with_room(profile.step_ptr, cells),
            step_day=with_room(profile.step_day, 2 * more),
            step_use=with_room(profile.step_use, 2 * more),
            slot_ptr=with_room(profile.slot_ptr, cells),
            slot_no=with_room(profile.slot_no, more),
            slot_start=with_room(profile.slot_start, more),
            slot_end=with_room(profile.slot_end, more),
        )

    def _take_parts(self, prepared: Prepared) -> None:
        parts, index, packed = prepared.listing_parts, prepared.listing_index, prepared.packed
        more, rest = spare(len(parts.lon)), self.room - self.n
        self.index = Index._make(np.array(column) for column in index)
        self.position = np.argsort(index.listing, kind="stable")  # of each part in the index: parts keep their order by row
        self.part_count = len(parts.lon)
        self.parts = PartColumns(
            with_room(parts.ptr[:-1], rest),
            with_room(parts.ptr[1:], rest),
            *(with_room(getattr(parts, f), more) for f in ("a", "b", "lon", "lat", "half_m")),
        )
        self.rows_used = self.n
        self.packed = Packed(
            with_room(packed.rows, rest),
            np.array(packed.parts),
            with_room(packed.row_of, rest),
            np.array(packed.lone),
        )
        used = self.packed.rows[: self.n]
        used[:, LISTING] = self.plain["id"][used[:, INDEX]]
        self.home = with_room(np.arange(self.n), rest)
        self.entry = np.full(self.room, -1, np.int64)  # of a home in the grid; −1: it stands in the index
        self.grid: Grid = empty_grid(more)

    def place_of(self, slot: int) -> tuple[int, float, float, Any]:
        place = self.place
        return int(place.form[slot]), float(place.lon[slot]), float(place.lat[slot]), place.shape[slot]

    def put(self, block: Listings) -> None:
        """Take listings that are new or changed (none twice)."""
        n, m = self.n, len(block)
        if n + m > self.room:
            raise Full
        for name, column in self.plain.items():
            column[n : n + m] = getattr(block, name)
        for name in ("form", "lon", "lat", "shape"):
            getattr(self.place, name)[n : n + m] = getattr(block.place, name)
        self._put_claims(block)
        rows = packed_rows(block, self.tables)
        rows[:, LISTING], rows[:, INDEX] = block.id, np.arange(n, n + m)
        moved = [at for at in range(m) if not self._stays(n + at, rows[at])]
        if moved:
            self._put_parts(np.array(moved), cut(block.place.take(np.array(moved))), rows)
        for at, id_ in enumerate(block.id.tolist()):
            self.slot_of[id_] = n + at
        self.alive[n : n + m] = True
        for at in np.flatnonzero(block.place.form == AREA).tolist():
            self.areas.setdefault(int(block.kind[at]), set()).add(n + at)
        self.n = n + m

    def _stays(self, slot: int, row: NDArray[np.int64]) -> bool:
        """Put a changed listing in the place of the one before, if it has not moved."""
        before = self.slot_of.get(int(self.plain["id"][slot]))
        if before is None:
            return False
        stays = self.plain["kind"][before] == self.plain["kind"][slot] and self.place_of(before) == self.place_of(slot)
        if not stays:
            self.drop(before)
            return False
        home = self.home[slot] = self.home[before]
        self.packed.rows[self.packed.row_of[home]] = row
        self._leave(before)
        return True

    def _put_claims(self, block: Listings) -> None:
        first, last = self.n * self.wide, (self.n + len(block)) * self.wide
        profile = build_profile(block, self.tables)
        blocks: tuple[tuple[Any, list[Any], Any, list[Any]], ...] = (
            (self.claim_ptr, list(self.claims.values()), block.claim_ptr, [getattr(block, name) for name in CLAIMS]),
            (self.profile.step_ptr, list(self.profile[3:5]), profile.step_ptr, list(profile[3:5])),
            (self.profile.slot_ptr, list(self.profile[6:9]), profile.slot_ptr, list(profile[6:9])),
        )
        for pointer, columns, added, given in blocks:
            begin = int(pointer[first])
            end = begin + int(added[-1])
            if end > len(columns[0]):
                raise Full
            for column, values in zip(columns, given, strict=True):
                column[begin:end] = values
            pointer[first + 1 : last + 1] = added[1:] + begin

    def _put_parts(self, moved: NDArray[np.int64], parts: Parts, rows: NDArray[np.int64]) -> None:
        begin, count = self.part_count, len(parts.lon)
        if begin + count > len(self.parts.lon) or self.grid.filled[0] + count > len(self.grid.cell):
            raise Full
        for name in ("a", "b", "lon", "lat", "half_m"):
            getattr(self.parts, name)[begin : begin + count] = getattr(parts, name)
        self.part_count = begin + count
        for at, (first, last) in enumerate(zip(parts.ptr[:-1].tolist(), parts.ptr[1:].tolist(), strict=True)):
            slot, row = self.n + int(moved[at]), self.rows_used
            kind = int(self.plain["kind"][slot])
            self.home[slot], self.packed.row_of[slot] = slot, row
            self.packed.rows[row] = rows[moved[at]]
            self.rows_used += 1
            self.parts.begin[slot], self.parts.end[slot] = begin + first, begin + last
            self.entry[slot] = self.grid.filled[0]
            self.index.reach_m[kind] = max(self.index.reach_m[kind], parts.half_m[first:last].max())
            if last - first > 1:
                self.packed.lone[kind] = 0
            for part in range(first, last):
                add_part(self.grid, kind, parts.lon[part], parts.lat[part], parts.a[part], parts.b[part], row)

    def drop(self, slot: int) -> None:
        """Take a listing out of everybody's reach."""
        home = int(self.home[slot])
        entry, begin, end = int(self.entry[home]), int(self.parts.begin[home]), int(self.parts.end[home])
        if entry >= 0:
            self.grid.a[entry : entry + end - begin] = NOWHERE
            self.grid.b[entry : entry + end - begin] = NOWHERE
        else:
            at = self.position[begin:end]
            self.index.a[at] = self.index.b[at] = NOWHERE
            self.packed.parts[at, :ROW] = NOWHERE
        self._leave(slot)

    def _leave(self, slot: int) -> None:
        self.alive[slot] = False
        self.areas.get(int(self.plain["kind"][slot]), set()).discard(slot)

    def live(self) -> Listings:
        """The listings as they are now, as columns of their own."""
        n, cells = self.n, self.n * self.wide
        used = int(self.claim_ptr[cells])
        whole = Listings(
            place=Places(*(getattr(self.place, f)[:n] for f in ("form", "lon", "lat", "shape"))),
            claim_ptr=self.claim_ptr[: cells + 1],
            **{name: column[:n] for name, column in self.plain.items()},
            **{name: column[:used] for name, column in self.claims.items()},
        )
        return whole.take(np.flatnonzero(self.alive[:n]))
