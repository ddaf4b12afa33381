"""The numba kernels of verdicts, one criterion after the other over all candidates of a need.

They answer to the bit what `judge.judge_arrays` answers; the rules are stated there. What a need asks is worked out once for all
its candidates (`ask`). A loop over one criterion is short and has no choices in it, so that a processor runs ahead; a loop over
all criteria of one pair would stand still at every margin that turns out negative.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator,arg-type"
from __future__ import annotations

import numpy as np

from app.engine.asked import BONUS, END, START
from app.engine.asked import CURRENCY as CURRENCY_OF_NEED
from app.engine.asked import HEAD as NEED_HEAD
from app.engine.compile import (
    AT_LEAST,
    AT_MOST,
    CAPACITY,
    EQUALS,
    FULL,
    NOT_OWN,
    PRICE,
    PROVIDES,
    REACH,
    TEST,
    WEIGHT,
    WINDOW,
)
from app.engine.judge import FULL_CAP
from app.engine.kernel import inlined, jit
from app.engine.left_kernel import left_of
from app.engine.packed import ASKED, CLAIMED, CLOSES, CURRENCY, HEAD, INDEX

MISSING = np.int64(np.iinfo(np.int64).min)
EXACT = np.int64(1) << 52  # products below it divide exactly in floating point: the quotient's floor is the integers'
A_TEST, A_POSITION, A_WEIGHT, A_DEMAND, A_FULL = range(ASKED)  # fields of what a need asks


@jit
def ask(need, table, count, asks, idle):
    """What a need (its row of `asked`) asks of every candidate, as rows of `asks`; `table`: of its kind, `count` criteria. Returns
    (rows, points that all earn, `idle` positions whose margin is the supply)."""
    m = 0
    base = need[BONUS]
    spare = 0
    for position in range(count):
        test, weight, demand = table[position, TEST], table[position, WEIGHT], need[NEED_HEAD + position]
        size = demand
        if test == PRICE:
            size = max(demand, 1)
        elif test < REACH:
            if not (demand != MISSING if test == EQUALS else demand > 0):
                base += weight
                if test in (AT_LEAST, CAPACITY):
                    idle[spare] = position
                    spare += 1
                continue
            size = max(demand, 1000)
        asks[m, A_TEST], asks[m, A_POSITION], asks[m, A_WEIGHT], asks[m, A_DEMAND] = test, position, weight, demand
        asks[m, A_FULL] = demand if test == REACH else min(table[position, FULL] * size // 1000, FULL_CAP)
        m += 1
    return m, base, spare


@inlined
def judge_hits(n, hit, far, asks, m, idle, spare, base, rows, profile, table, need, total, fail, blank, margins, first, rejected):
    """Judge the first n hits of one need by the m rows of `asks`, into `total`, `fail`, `blank` and, from `first` on,
    `margins` [position]; `rejected` by criterion gains those that fail it. `table`: the kind's; `need`: its row of `asked`."""
    start, end, currency = need[START], need[END], need[CURRENCY_OF_NEED]
    some = np.int64(0)
    for j in range(n):
        some |= rows[hit[j], CLAIMED]
        total[j], fail[j], blank[j] = base, 0, 0
    for s in range(spare):
        c = idle[s]
        margin = margins[c, first : first + n]
        for j in range(n):
            margin[j] = rows[hit[j], HEAD + c]
        if some >> c & 1:
            for j in range(n):
                if rows[hit[j], CLAIMED] >> c & 1:
                    margin[j] = left_of(profile, table[c], rows[hit[j], INDEX], start, end)
        for j in range(n):
            margin[j] = max(margin[j], 0) if margin[j] == MISSING else margin[j]
    for a in range(m):
        test, c, weight, demand, full = (
            asks[a, A_TEST],
            asks[a, A_POSITION],
            asks[a, A_WEIGHT],
            asks[a, A_DEMAND],
            asks[a, A_FULL],
        )
        bit, margin, bad = np.int64(1) << c, margins[c, first : first + n], np.int64(0)
        if test <= CAPACITY:
            for j in range(n):
                margin[j] = rows[hit[j], HEAD + c]
            if some & bit:
                for j in range(n):
                    if rows[hit[j], CLAIMED] & bit:
                        margin[j] = left_of(profile, table[c], rows[hit[j], INDEX], start, end)
            for j in range(n):
                supply = margin[j]
                blank[j] |= bit if supply == MISSING else np.int64(0)
                margin[j] = MISSING if supply == MISSING else demand - supply if test == AT_MOST else supply - demand
        elif test == REACH:
            for j in range(n):
                margin[j] = demand - far[j]
        elif test == WINDOW:
            for j in range(n):
                opens, closes = rows[hit[j], HEAD + c], rows[hit[j], CLOSES]
                common = max(min(end, closes) - max(start, opens), 0) - (end - start)
                margin[j] = (start - opens) + (closes - end) if opens <= start and end <= closes else common
        elif test == PRICE:
            for j in range(n):
                supply = rows[hit[j], HEAD + c]
                foreign = supply >= 0 and demand >= 0 and rows[hit[j], CURRENCY] != currency
                blank[j] |= bit if foreign else np.int64(0)
                margin[j] = MISSING if foreign else demand - supply if supply >= 0 and demand >= 0 else np.int64(0)
        else:
            full = np.int64(0)
            for j in range(n):
                supply = rows[hit[j], HEAD + c]
                ok = supply != demand if test == NOT_OWN else supply == demand if test == EQUALS else supply > 0
                gap = test != NOT_OWN and supply == MISSING
                blank[j] |= bit if gap else np.int64(0)
                margin[j] = MISSING if gap else np.int64(0) if ok else np.int64(-1)
        if test == PRICE and demand < 0:
            full = np.int64(0)
        if full <= 0:
            for j in range(n):
                failed = margin[j] < 0
                bad += failed
                fail[j] |= bit if failed else np.int64(0)
                total[j] += np.int64(0) if failed else weight
        elif weight * full < EXACT:
            for j in range(n):
                failed = margin[j] < 0
                bad += failed
                fail[j] |= bit if failed else np.int64(0)
                total[j] += np.int64(float(weight * min(max(margin[j], 0), full)) / float(full))
        else:
            for j in range(n):
                failed = margin[j] < 0
                bad += failed
                fail[j] |= bit if failed else np.int64(0)
                total[j] += weight * min(max(margin[j], 0), full) // full
        if test == PRICE:  # no price earns nothing and fails nothing; no budget earns all
            for j in range(n):
                if rows[hit[j], HEAD + c] < 0:
                    total[j] -= weight if full <= 0 else np.int64(0)
        rejected[c] += bad


assert tuple(range(9)) == (
    AT_LEAST,
    AT_MOST,
    CAPACITY,
    EQUALS,
    PROVIDES,
    REACH,
    WINDOW,
    PRICE,
    NOT_OWN,
)  # `test <= CAPACITY` has a margin
