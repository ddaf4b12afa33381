"""Standings: what is remembered of needs that were matched, so that a changed listing moves ranks instead of matching anew."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.problem import Ints

TIMES = 3  # as deep as so many times what is asked for: a listing that falls out leaves others to move up


class Standing(NamedTuple):
    """By need slot; lists are [room, depth], best first. `n` −1: nothing is known."""

    n: Ints
    listing: Ints
    score: NDArray[np.int32]
    mm: Ints
    in_reach: Ints
    fits: Ints
    rejected: Ints


def unknown(room: int, depth: int, criteria: int) -> Standing:
    """Nothing is known of so many needs. The lists take no memory before they are written."""
    return Standing(
        np.full(room, -1, np.int64),
        np.empty((room, depth), np.int64),
        np.empty((room, depth), np.int32),
        np.empty((room, depth), np.int64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
        np.zeros((room, criteria), np.int64),
    )


def good_for(standing: Standing, slots: Ints, k: int) -> NDArray[np.bool_]:
    """Whether each need's list holds its best k, or all that fit."""
    n = standing.n[slots]
    good: NDArray[np.bool_] = (n >= k) | ((n >= 0) & (n == standing.fits[slots]))
    return good
