"""Parts put together: the result that one machine would have given, to the bit."""

from __future__ import annotations

import numpy as np

from app.engine.backend import use_kernels
from app.engine.block import FULL_SCORE, Ranked
from app.engine.csr import pointer
from app.engine.partition.part import Columns, PartAnswer, joined
from app.engine.problem import Ints, Problem
from app.engine.result import Matches, NearMisses, Params, Result
from app.engine.solve import answer_hash
from app.engine.version import ENGINE_VERSION


def merge(problem: Problem, answers: list[PartAnswer], params: Params, seed: int = 0) -> Result:
    """The best of each need over all parts, by (score descending, id ascending); a listing's best stand in its own part. A need
    with a match anywhere has the near misses within its reach, one without the wider ones. O(rows log rows)."""
    needs, listings = problem.needs.id, problem.listings.id
    counts = joined([answer.needs for answer in answers])
    row = np.searchsorted(needs, counts["need"])
    in_reach, feasible = np.zeros(len(needs), np.int64), np.zeros(len(needs), np.int64)
    rejected = np.zeros((len(needs), problem.tables.table.shape[1]), np.int64)
    np.add.at(in_reach, row, counts["in_reach"])
    np.add.at(feasible, row, counts["feasible"])
    np.add.at(rejected, row, counts["rejected"])
    rejections = np.zeros(problem.tables.table.shape[:2], np.int64)
    np.add.at(rejections, problem.needs.kind.astype(np.int64), rejected)
    by_need = _best(joined([a.matches for a in answers]), "need", "listing", needs, listings, params.top_k)
    by_listing = _best(joined([a.tops for a in answers]), "listing", "need", listings, needs, params.listing_top_k)
    near = _nearest(answers, needs, listings, feasible, params)
    return Result(
        needs=np.arange(len(needs), dtype=np.int64),
        by_need=by_need,
        by_listing=by_listing,
        near=NearMisses(*near),
        in_reach=in_reach,
        feasible=feasible,
        rejected=rejected,
        rejections=rejections,
        input_hash=problem.input_hash,
        params=params,
        seed=seed,
        versions={"engine": ENGINE_VERSION, "numpy": np.__version__, "backend": "numba" if use_kernels() else "numpy"},
        timings={},
        answer_hash=answer_hash(by_need, by_listing, near),
    )


def _best(rows: Columns, by: str, other: str, by_ids: Ints, other_ids: Ints, k: int) -> Matches:
    row, column = np.searchsorted(by_ids, rows[by]), np.searchsorted(other_ids, rows[other])
    ptr, at = _top(row, np.lexsort((column, -rows["score"].astype(np.int64), row)), len(by_ids), k)
    return Matches(ptr, column[at], rows["score"][at], rows["distance_mm"][at])


def _nearest(answers: list[PartAnswer], needs: Ints, listings: Ints, feasible: Ints, params: Params) -> Ranked:
    near, wide = joined([a.near for a in answers]), joined([a.wide for a in answers])
    served = feasible > 0
    keep = served[np.searchsorted(needs, near["need"])], ~served[np.searchsorted(needs, wide["need"])]
    rows = joined([{n: c[k] for n, c in part.items()} for part, k in zip((near, wide), keep, strict=True)])
    row, column = np.searchsorted(needs, rows["need"]), np.searchsorted(listings, rows["listing"])
    key = (np.bitwise_count(rows["fail"]).astype(np.int64) << 20) + FULL_SCORE - rows["score"]
    ptr, at = _top(row, np.lexsort((column, key, row)), len(needs), params.near_k)
    return Ranked(ptr, column[at], *(rows[name][at] for name in ("score", "distance_mm", "fail", "unstated")))


def _top(row: Ints, order: Ints, rows: int, k: int) -> tuple[Ints, Ints]:
    """Of entries in `order`, ascending by row, the first k of each row: (pointer, entries)."""
    count = np.bincount(row, minlength=rows).astype(np.int64)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    return pointer(np.minimum(count, k)), order[rank < k]
