"""The numba kernel of packing: `packed.packed_rows` in the order of the index, row by row, the same to the bit."""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numpy as np

from app.engine.compile import CAPACITY, NOT_OWN, PER, PRICE, REACH, SLOTS, SUPPLY, TEST, WINDOW
from app.engine.kernel import jit
from app.engine.packed import CLAIMED, CLOSES, CURRENCY, HEAD, INDEX, LISTING

MISSING = np.int64(np.iinfo(np.int64).min)


@jit
def rows_of(listing, row_of):
    """Each listing's row: in the order in which their parts come first; `row_of` comes filled with −1."""
    n = 0
    for part in range(len(listing)):
        i = listing[part]
        if row_of[i] < 0:
            row_of[i] = n
            n += 1
    for i in range(len(row_of)):
        if row_of[i] < 0:
            row_of[i] = n
            n += 1


@jit
def pack_rows(row_of, kind, start, end, currency, price, owner, values, offered, total, claim_ptr, table, count, rows):
    wide = offered.shape[1]
    for i in range(len(row_of)):  # in the order of what is read: what is written is one place a listing
        r = row_of[i]
        k = np.int64(kind[i])
        for c in range(HEAD + table.shape[1]):
            rows[r, c] = 0
        rows[r, LISTING], rows[r, INDEX], rows[r, CLOSES], rows[r, CURRENCY] = i, i, end[i], currency[i]
        claimed = np.int64(0)
        for c in range(count[k]):
            test, column = table[k, c, TEST], table[k, c, SUPPLY]
            supply = np.int64(0)
            if test == CAPACITY:
                supply = offered[i, column]
                if supply != MISSING:
                    unit = np.int64(1000) if table[k, c, SLOTS] else np.int64(1)
                    supply = max(min(supply, total[i, column] // unit * unit), 0) // unit // table[k, c, PER] * unit
                if claim_ptr[i * wide + column + 1] > claim_ptr[i * wide + column]:
                    claimed |= np.int64(1) << c
            elif test < REACH:
                supply = values[i, column]
            elif test == WINDOW:
                supply = np.int64(start[i])
            elif test == PRICE:
                supply = price[i]
            elif test == NOT_OWN:
                supply = owner[i]
            rows[r, HEAD + c] = supply
        rows[r, CLAIMED] = claimed
