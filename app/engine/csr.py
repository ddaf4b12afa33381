"""Compressed rows: `ptr[i]:ptr[i+1]` are the entries of row i."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engine import fallback
from app.engine.backend import use_kernels
from app.engine.problem import Ints


def rows_of(ptr: Ints) -> Ints:
    """The row of every entry."""
    return np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))


def pointer(count: Ints) -> Ints:
    """The pointer of rows with so many entries each."""
    ptr = np.zeros(len(count) + 1, np.int64)
    np.cumsum(count, out=ptr[1:])
    return ptr


def counted(row: Ints, rows: int) -> Ints:
    """The pointer of so many rows, of entries in these."""
    return pointer(np.bincount(row, minlength=rows))


def grouped(row: Ints, rows: int) -> tuple[Ints, Ints]:
    """(pointer, entries in their order) of so many rows, of entries in these."""
    ptr = counted(row, rows)
    if not use_kernels():
        return ptr, np.argsort(row, kind="stable")
    from app.engine import kernel

    out = np.empty(len(row), np.int64)
    kernel.group(row, ptr[:-1].copy(), out)
    return ptr, out


def best(ptr: Ints, key: Ints, k: int) -> tuple[Ints, Ints]:
    """Per row the positions of the k smallest keys, ties by position, negative keys left out: (ptr, positions)."""
    rows = len(ptr) - 1
    if k == 0 or rows == 0:
        return np.zeros(rows + 1, np.int64), np.zeros(0, np.int64)
    if use_kernels():
        from app.engine import kernel

        taken, out = np.zeros(rows, np.int64), np.zeros(rows * k, np.int64)
        kernel.best_of(ptr, key, k, taken, out)
    else:
        taken, out = fallback.best_of(ptr, key, k)
    kept = (np.arange(k) < taken[:, None]).ravel()
    return pointer(taken), out[kept]


def take_rows(ptr: Ints, columns: Sequence[NDArray[Any]], rows: Ints) -> tuple[Ints, list[NDArray[Any]]]:
    """The same CSR with its rows in another order (or only some of them)."""
    count = ptr[rows + 1] - ptr[rows]
    fresh = pointer(count)
    pick = np.repeat(ptr[rows] - fresh[:-1], count) + np.arange(fresh[-1])
    return fresh, [c[pick] for c in columns]


def join(ptrs: Sequence[Ints]) -> Ints:
    """The pointer of CSR blocks set below one another."""
    return pointer(np.concatenate([np.diff(p) for p in ptrs])) if ptrs else np.zeros(1, np.int64)
