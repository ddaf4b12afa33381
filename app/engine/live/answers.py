"""What a live index answers: the rows that a full run would give, for one need or one listing."""

from __future__ import annotations

from typing import NamedTuple


class Match(NamedTuple):
    """`other`: id of the listing (or of the need, seen from a listing); `score` in milli-points."""

    other: int
    score: int
    distance_mm: int


class Miss(NamedTuple):
    """A listing that fails; `fail` and `unstated` by bit, as in `result.NearMisses`."""

    listing: int
    score: int
    distance_mm: int
    fail: int
    unstated: int


class NeedAnswer(NamedTuple):
    """One need, as a full run answers it. `rejected`: pairs in reach that each criterion failed."""

    need: int
    matches: tuple[Match, ...]
    near: tuple[Miss, ...]
    in_reach: int
    feasible: int
    rejected: tuple[int, ...]


class ListingAnswer(NamedTuple):
    """One listing: the needs that it serves best, best first; `in_reach` and `feasible` count all that reach it."""

    listing: int
    matches: tuple[Match, ...]
    in_reach: int
    feasible: int


class Affected(NamedTuple):
    """Ids whose answers a change may have altered. Every other answer stands as it was, its near misses beyond reach apart."""

    needs: frozenset[int]
    listings: frozenset[int]

    def __or__(self, other: Affected) -> Affected:
        return Affected(self.needs | other.needs, self.listings | other.listings)


NOBODY = Affected(frozenset(), frozenset())
