"""What a solve answers, in columns that can be stored as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Params:
    """How to solve. `near_reach`: a need without a match is also shown listings within this many times its reach. `keep_pairs`:
    keep
    every pair in reach with its margins. `threads` and `block_rows` change the speed, never the answer."""

    top_k: int = 10
    listing_top_k: int = 10
    near_k: int = 5
    near_reach: int = 4
    keep_pairs: bool = False
    threads: int = 2
    block_rows: int = 2_000_000

    def __post_init__(self) -> None:
        for name in ("top_k", "listing_top_k", "near_reach", "threads", "block_rows"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.near_k < 0:
            raise ValueError("near_k must be at least 0")


@dataclass(frozen=True, eq=False)
class Matches:
    """CSR: of row i, entries `ptr[i]:ptr[i+1]`, best first (score descending, id ascending). `other`: index of the listing (or of
    the need, seen from a listing); `score` in milli-points, 0..100,000."""

    ptr: Ints
    other: Ints
    score: NDArray[np.int32]
    distance_mm: Ints

    def of(self, row: int) -> list[tuple[int, int, int]]:
        """(other, score, distance_mm) of one row, best first."""
        part = slice(int(self.ptr[row]), int(self.ptr[row + 1]))
        return list(zip(self.other[part].tolist(), self.score[part].tolist(), self.distance_mm[part].tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class NearMisses:
    """CSR per need: the listings that fail by the fewest criteria, then by score. Bit c of `fail` is the kind's criterion c; of
    `unstated`: that it failed because the two sides could not be compared (not stated, or another currency)."""

    ptr: Ints
    listing: Ints
    score: NDArray[np.int32]
    distance_mm: Ints
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every pair in reach, by (need, listing). `margin[p, c]` in thousandths (REACH mm, WINDOW days, PRICE minor units)."""

    need: Ints
    listing: Ints
    distance_mm: Ints
    score: NDArray[np.int32]
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]
    margin: Ints


@dataclass(frozen=True, eq=False)
class Result:
    """`needs`: the need indices that were solved; row i of `by_need`, `near`, `in_reach` and `feasible` is `needs[i]`. Rows of
    `by_listing` are all listings of the problem. `rejected[i, criterion]`: pairs in reach that the criterion failed, by need; and
    `rejections[kind, criterion]` in all. `answer_hash`: of matches and near misses, equal for equal answers."""

    needs: Ints
    by_need: Matches
    by_listing: Matches
    near: NearMisses
    in_reach: Ints
    feasible: Ints
    rejected: Ints
    rejections: Ints
    input_hash: str
    params: Params
    seed: int
    versions: Mapping[str, str]
    timings: Mapping[str, float]
    pairs: Pairs | None = None
    answer_hash: str = ""
