"""The live index without compiled kernels: the problem is kept whole and asked anew. The same answers, slowly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from app.engine.live.answers import NOBODY, Affected, ListingAnswer, Match, Miss, NeedAnswer
from app.engine.live.rows import Change, merged
from app.engine.problem import Ints, Problem
from app.engine.result import Params
from app.engine.solve import affected_needs, solve_needs


class PlainRows:
    """See `compiled.CompiledRows`; every answer is a solve."""

    def __init__(self, problem: Problem, params: Params) -> None:
        self._problem, self.params, self.kinds, self.tables = problem, params, problem.kinds, problem.tables

    def problem(self) -> Problem:
        return self._problem

    def present(self, needs: Collection[int], listings: Collection[int]) -> tuple[list[int], list[int]]:
        problem = self._problem
        found = ((problem.needs.id, needs), (problem.listings.id, listings))
        asked, offered = (ids[_rows_of(ids, wanted)].tolist() for ids, wanted in found)
        return asked, offered

    def compact(self) -> None:
        """Nothing is kept that could be left out."""

    def apply(self, change: Change) -> Affected:
        listing_ids = {*change.listings.id.tolist(), *change.gone_listings}
        need_ids = {*change.needs.id.tolist(), *change.gone_needs}
        before = self._touched(listing_ids, need_ids)
        self._problem = merged(self._problem, change)
        return before | self._touched(listing_ids, need_ids) | Affected(frozenset(need_ids), frozenset(listing_ids))

    def _touched(self, listing_ids: Iterable[int], need_ids: Iterable[int]) -> Affected:
        problem = self._problem
        listings, needs = _rows_of(problem.listings.id, listing_ids), _rows_of(problem.needs.id, need_ids)
        if not len(listings) and not len(needs):
            return NOBODY
        reaching = problem.needs.id[affected_needs(problem, listings)]
        pairs = solve_needs(problem, needs, replace(self.params, keep_pairs=True)).pairs
        reached = problem.listings.id[pairs.listing] if pairs is not None else np.zeros(0, np.int64)
        return Affected(frozenset(reaching.tolist()), frozenset(reached.tolist()))

    def match_needs(self, ids: Sequence[int]) -> list[NeedAnswer]:
        problem = self._problem
        rows = [_row_of(problem.needs.id, id_) for id_ in ids]
        result = solve_needs(problem, rows, self.params)
        listing_ids = problem.listings.id
        answers = {}
        for at, need in enumerate(result.needs.tolist()):
            near = slice(int(result.near.ptr[at]), int(result.near.ptr[at + 1]))
            columns = (result.near.score, result.near.distance_mm, result.near.fail, result.near.unstated)
            answers[int(problem.needs.id[need])] = NeedAnswer(
                int(problem.needs.id[need]),
                tuple(Match(int(listing_ids[i]), score, far) for i, score, far in result.by_need.of(at)),
                tuple(
                    Miss(*miss)
                    for miss in zip(
                        listing_ids[result.near.listing[near]].tolist(), *(c[near].tolist() for c in columns), strict=True
                    )
                ),
                int(result.in_reach[at]),
                int(result.feasible[at]),
                tuple(result.rejected[at].tolist()),
            )
        return [answers[id_] for id_ in ids]

    def match_listings(self, ids: Sequence[int]) -> list[ListingAnswer]:
        return [self._listing_answer(id_) for id_ in ids]

    def _listing_answer(self, id_: int) -> ListingAnswer:
        problem = self._problem
        row = _row_of(problem.listings.id, id_)
        needs = affected_needs(problem, [row])
        small = problem.take(needs, [row])
        result = solve_needs(small, np.arange(len(needs)), self.params)
        best = result.by_listing.of(0)
        matches = tuple(Match(int(small.needs.id[need]), score, far) for need, score, far in best)
        return ListingAnswer(id_, matches, len(needs), int((result.feasible > 0).sum()))


def _rows_of(ids: Ints, wanted: Iterable[int]) -> Ints:
    return np.flatnonzero(np.isin(ids, np.array(sorted(wanted), np.int64))).astype(np.int64)


def _row_of(ids: Ints, id_: int) -> int:
    at = int(np.searchsorted(ids, id_))
    if at == len(ids) or ids[at] != id_:
        raise KeyError(id_)
    return at
