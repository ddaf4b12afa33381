"""The live index on compiled kernels: changes are taken in place or into a growing grid, answers are computed when asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.engine.block import scale_of
from app.engine.facts import Facts, prepare, sealed
from app.engine.live.answers import Affected, ListingAnswer, Match, Miss, NeedAnswer
from app.engine.live.areas import listings_met, needs_met
from app.engine.live.asks import Asks
from app.engine.live.columns import Full
from app.engine.live.offers import Offers
from app.engine.live.rows import Change, merged
from app.engine.live.standing import TIMES, good_for, unknown
from app.engine.live.state import (
    TOGETHER,
    Box,
    State,
    answer_listing,
    answer_need,
    answer_needs,
    arrive,
    entry,
    leave,
    listings_of,
    remember,
)
from app.engine.matched import room_of, scratch_of
from app.engine.problem import AREA, MAX_RADIUS_MM, Ints, Problem, settled
from app.engine.result import Params

NONE = np.zeros(0, np.int64)


class CompiledRows:
    """Offers and asks side by side, and the kernels' view of them."""

    def __init__(self, problem: Problem, params: Params) -> None:
        self._take(problem, params)

    def _take(self, problem: Problem, params: Params) -> None:
        prepared = prepare(problem)
        self.kinds, self.tables, self.params = problem.kinds, problem.tables, params
        self.offers, self.asks = Offers(problem, prepared), Asks(problem, prepared)
        self.depth = TIMES * params.top_k
        self.standing = unknown(self.asks.room, self.depth, self.tables.table.shape[1])
        state = self._state()
        self._found, self._near_rows, self._near_needs = state.found, state.near_rows[0], state.near_needs[0]
        self._top_need, self._top_score, self._top_mm = state.top_need, state.top_score, state.top_mm
        self.box = Box(state)  # type: ignore[no-untyped-call]
        self.answer_need: Any = entry(answer_need, self.box, 0, 0, 0)  # type: ignore[no-untyped-call]

    def _state(self) -> State:
        offers, asks, params = self.offers, self.asks, self.params
        rows, width = offers.room, self.tables.table.shape[1]
        k = params.listing_top_k
        return State(
            listing_index=sealed(offers.index),
            grid=sealed(offers.grid),
            asked=sealed(asks.asked),
            packed=sealed(offers.packed),
            facts=self._facts(),
            need_index=sealed(asks.index),
            need_grid=sealed(asks.grid),
            used=asks.used,
            need_ids=asks.plain["id"],
            radius_mm=asks.plain["radius_mm"],
            home=offers.home,
            parts=offers.parts,
            near_rows=scratch_of(rows + len(offers.index.lon), offers.packed, params.near_k),
            near_needs=(np.empty(asks.room, np.int64), np.empty(asks.room, np.int64), np.zeros(asks.room, np.int32)),
            found=room_of(TOGETHER, width, replace(params, top_k=self.depth), 0, 0),
            alone=np.zeros(1, np.int64),
            no_extra=(np.zeros(2, np.int64), NONE),
            standing=self.standing,
            top_need=np.empty(k, np.int64),
            top_score=np.empty(k, np.int32),
            top_mm=np.empty(k, np.int64),
        )

    def _facts(self) -> Facts:
        offers, asks = self.offers.plain, self.asks.plain
        return sealed(
            Facts(
                offers["kind"],
                offers["price_minor"],
                offers["currency"],
                offers["start"],
                offers["end"],
                offers["owner"],
                offers["values"],
                sealed(self.offers.profile),
                asks["kind"],
                asks["radius_mm"],
                asks["budget_minor"],
                asks["currency"],
                asks["start"],
                asks["end"],
                asks["organisation"],
                asks["values"],
                asks["bonus"],
                self.tables.table,
                self.tables.count,
            )
        )

    def problem(self) -> Problem:
        """Everything as it is now. O(n)."""
        return settled(self.kinds, self.offers.live(), self.asks.live())

    def apply(self, change: Change) -> Affected:
        """Take a change, whole. O(rows changed × what is in their reach); a build when the room is used up."""
        listing_ids = {*change.listings.id.tolist(), *change.gone_listings}
        need_ids = {*change.needs.id.tolist(), *change.gone_needs}
        before = self._touched(listing_ids, need_ids, leave)
        try:
            for id_ in change.gone_listings:
                if (slot := self.offers.slot_of.pop(id_, None)) is not None:
                    self.offers.drop(slot)
            for id_ in change.gone_needs:
                if (slot := self.asks.slot_of.pop(id_, None)) is not None:
                    self.asks.drop(slot)
            if len(change.listings):
                self.offers.put(change.listings)
            if len(change.needs):
                self.asks.put(change.needs)
        except Full:
            self._take(merged(self.problem(), change), self.params)
        return before | self._touched(listing_ids, need_ids, arrive) | Affected(frozenset(need_ids), frozenset(listing_ids))

    def present(self, needs: Collection[int], listings: Collection[int]) -> tuple[list[int], list[int]]:
        return sorted(n for n in needs if n in self.asks.slot_of), sorted(i for i in listings if i in self.offers.slot_of)

    def compact(self) -> None:
        """Build anew, without what was replaced."""
        self._take(self.problem(), self.params)

    def _touched(self, listing_ids: set[int], need_ids: set[int], turn: Any) -> Affected:
        """The needs that reach these listings, and the listings in reach of these needs, as things stand. `turn`: what the
        listings do to the needs' standings."""
        needs: set[int] = set()
        listings: set[int] = set()
        for id_ in listing_ids:
            if (slot := self.offers.slot_of.get(id_)) is not None:
                n = turn(self.box, slot, id_, self._needs_met(slot))
                needs.update(self.asks.plain["id"][self._near_needs[:n]].tolist())
        for id_ in need_ids:
            if (slot := self.asks.slot_of.get(id_)) is not None:
                n = listings_of(self.box, slot, int(self.asks.plain["radius_mm"][slot]), self._rows_met(slot))
                listings.update(self._near_rows[:n].tolist())
        return Affected(frozenset(needs), frozenset(listings))

    def _rows_met(self, slot: int) -> Ints:
        """Packed rows of the listings whose place meets a need's."""
        offers, kind = self.offers, int(self.asks.plain["kind"][slot])
        if self.asks.place.form[slot] == AREA:
            rows = np.flatnonzero(offers.alive[: offers.n] & (offers.plain["kind"][: offers.n] == kind))
        elif areas := offers.areas.get(kind):
            rows = np.array(sorted(areas), np.int64)
        else:
            return NONE
        found = listings_met(self.asks.place, slot, offers.place, rows)
        rows_of: Ints = offers.packed.row_of[offers.home[found]].astype(np.int64)
        return rows_of

    def _needs_met(self, slot: int) -> Ints:
        """Slots of the needs whose place meets a listing's."""
        asks, kind = self.asks, int(self.offers.plain["kind"][slot])
        if self.offers.place.form[slot] == AREA:
            rows = np.flatnonzero(asks.alive[: asks.n] & (asks.plain["kind"][: asks.n] == kind))
        elif areas := asks.areas.get(kind):
            rows = np.array(sorted(areas), np.int64)
        else:
            return NONE
        return needs_met(self.offers.place, slot, asks.place, rows)

    def match_needs(self, ids: Sequence[int]) -> list[NeedAnswer]:
        """The needs' answers, in the order of `ids`; KeyError for one that is not there."""
        slots = np.array([self.asks.slot_of[id_] for id_ in ids], np.int64)
        if self.params.near_k == 0:
            return self._remembered(slots)
        answers: list[NeedAnswer] = []
        for begin in range(0, len(slots), TOGETHER):
            answers += self._answers(slots[begin : begin + TOGETHER])
        return answers

    def _remembered(self, slots: Ints) -> list[NeedAnswer]:
        """From standings; what is not known well enough is matched and remembered first."""
        standing, k = self.standing, self.params.top_k
        asked = np.unique(slots[~good_for(standing, slots, k)])
        for begin in range(0, len(asked), TOGETHER):
            some = asked[begin : begin + TOGETHER]
            self._solve(some, self.asks.plain["radius_mm"])
            remember(self.box, some)
        count = np.minimum(standing.n[slots], k).tolist()
        columns = (c[slots].tolist() for c in (self.asks.plain["id"], standing.in_reach, standing.fits, standing.rejected))
        lists = (c[slots].tolist() for c in (standing.listing, standing.score, standing.mm))
        return [
            NeedAnswer(id_, tuple(map(Match, *(c[:n] for c in best))), (), in_reach, fits, tuple(rejected))
            for n, id_, in_reach, fits, rejected, *best in zip(count, *columns, *lists, strict=True)
        ]

    def _answers(self, slots: Ints) -> list[NeedAnswer]:
        params = self.params
        self._solve(slots, self.asks.plain["radius_mm"])
        answers = [self._need_answer(slot, at) for at, slot in enumerate(slots.tolist())]
        missed = [at for at, answer in enumerate(answers) if not answer.feasible]
        if params.near_k == 0 or params.near_reach == 1 or not missed:
            return answers
        far, radius = slots[missed], self.asks.plain["radius_mm"]
        more = (params.near_reach - 1) * scale_of(radius, self.asks.place, far)
        self.asks.wide_mm[far] = np.minimum(radius[far] + more, MAX_RADIUS_MM)
        self._solve(far, self.asks.wide_mm)
        for row, at in enumerate(missed):
            answers[at] = answers[at]._replace(near=self._near(row))
        return answers

    def _solve(self, slots: Ints, search_mm: Ints) -> None:
        met = [self._rows_met(slot) for slot in slots.tolist()]
        if len(slots) == 1 and not len(met[0]) and search_mm is self.asks.plain["radius_mm"]:
            self.answer_need(self.box, int(slots[0]), self.depth, self.params.near_k)
            return
        ptr = np.concatenate(([0], np.cumsum([len(rows) for rows in met]))).astype(np.int64)
        extra = np.concatenate(met) if len(met) else NONE
        answer_needs(self.box, slots, search_mm, ptr, extra, self.depth, self.params.near_k)

    def _need_answer(self, slot: int, row: int) -> NeedAnswer:
        found = self._found
        tops = slice(min(int(found.top_n[row]), self.params.top_k))
        matches = zip(
            found.top_listing[row, tops].tolist(),
            found.top_score[row, tops].tolist(),
            found.top_mm[row, tops].tolist(),
            strict=True,
        )
        return NeedAnswer(
            int(self.asks.plain["id"][slot]),
            tuple(Match(*match) for match in matches),
            self._near(row),
            int(found.in_reach[row]),
            int(found.feasible[row]),
            tuple(found.rejected[row].tolist()),
        )

    def _near(self, row: int) -> tuple[Miss, ...]:
        found = self._found
        near = slice(int(found.near_n[row]))
        columns = (found.near_listing, found.near_score, found.near_mm, found.near_fail, found.near_unstated)
        return tuple(Miss(*miss) for miss in zip(*(column[row, near].tolist() for column in columns), strict=True))

    def match_listings(self, ids: Sequence[int]) -> list[ListingAnswer]:
        """The listings' answers, in the order of `ids`; KeyError for one that is not there."""
        return [self._listing_answer(id_) for id_ in ids]

    def _listing_answer(self, id_: int) -> ListingAnswer:
        slot = self.offers.slot_of[id_]
        n, fits, tops = answer_listing(self.box, slot, self._needs_met(slot), self.params.listing_top_k)
        top = self.asks.plain["id"][self._top_need[:tops]].tolist()
        best = zip(top, self._top_score[:tops].tolist(), self._top_mm[:tops].tolist(), strict=True)
        return ListingAnswer(id_, tuple(Match(*match) for match in best), n, fits)
