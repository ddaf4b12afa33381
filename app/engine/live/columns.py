"""Columns with room to grow: rows are only ever added, and an index is built anew when the room is used up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Full(Exception):
    """There is no room for more rows: build anew."""


def with_room(array: NDArray[Any], room: int) -> NDArray[Any]:
    """A copy, with room for so many rows more (their content is undefined)."""
    wide = np.empty((len(array) + room, *array.shape[1:]), array.dtype)
    wide[: len(array)] = array
    return wide


def spare(n: int) -> int:
    """How much room n rows are given: an eighth, at least a thousand."""
    return max(1024, n // 8)
