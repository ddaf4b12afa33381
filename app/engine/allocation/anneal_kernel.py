"""The compiled local search of parts of indivisible needs: put a need where it wants to be, make room, house who had to leave.

Ejection with simulated annealing (Kirkpatrick et al. 1983; ejection chains for generalised assignment: Yagiura et al. 2006). State:
`choice[i]`, a need's option or -1; `used[r]`; the needs at each place in a doubly linked list.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

from app.engine.allocation.branch import fits, put

jit = nb.njit(nogil=True, cache=True)
MOST_EJECTED = 6


@jit
def link(i, p, head, following, previous):
    following[i], previous[i] = head[p], -1
    if head[p] >= 0:
        previous[head[p]] = i
    head[p] = i


@jit
def unlink(i, p, head, following, previous):
    if previous[i] >= 0:
        following[previous[i]] = following[i]
    else:
        head[p] = following[i]
    if following[i] >= 0:
        previous[following[i]] = previous[i]


@jit
def in_the_way(k, j, entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
    """True when option `j` takes of a row that is too full for option `k`."""
    for e in range(entry_ptr[k], entry_ptr[k + 1]):
        for f in range(entry_ptr[j], entry_ptr[j + 1]):
            for r in range(max(entry_first[e], entry_first[f]), min(entry_last[e], entry_last[f])):
                if used[r] + entry_amount[e] > capacity[r]:
                    return True
    return False


@jit
def anneal(
    moves, seed, warm, cold, done, of, ptr, points, entry_ptr, entry_first, entry_last, entry_amount, capacity, place, reduced,
    choice, used, head, following, previous,
):  # fmt: skip
    """`moves` moves of a schedule of `of`, `done` of them done, cooling from `warm` to `cold` points. `reduced`: points less prices,
    by which who was ejected looks for another option first come first. Changes the state, returns the change of value. O(moves ×
    options of a need)."""
    np.random.seed(seed)
    n, gained = len(choice), 0
    touched, before = np.empty(MOST_EJECTED + 1, np.int64), np.empty(MOST_EJECTED + 1, np.int64)
    for move in range(moves):
        i = np.random.randint(n)
        size = ptr[i + 1] - ptr[i]
        if size == 0:
            continue
        k = ptr[i] + np.random.randint(size)
        other = ptr[i] + np.random.randint(size)  # the better of two: mostly good ones, and each sometimes
        if reduced[other] > reduced[k]:
            k = other
        if k == choice[i]:
            continue
        changed, delta, ok = 1, points[k], True
        touched[0], before[0] = i, choice[i]
        if choice[i] >= 0:
            delta -= points[choice[i]]
            put(choice[i], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            unlink(i, place[choice[i]], head, following, previous)
            choice[i] = -1
        while not fits(k, entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
            cheapest, j = -1, head[place[k]]
            while j >= 0:
                if (cheapest < 0 or points[choice[j]] < points[choice[cheapest]]) and in_the_way(
                    k, choice[j], entry_ptr, entry_first, entry_last, entry_amount, used, capacity
                ):
                    cheapest = j
                j = following[j]
            if cheapest < 0 or changed > MOST_EJECTED:
                ok = False
                break
            touched[changed], before[changed] = cheapest, choice[cheapest]
            changed += 1
            delta -= points[choice[cheapest]]
            put(choice[cheapest], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
            unlink(cheapest, place[choice[cheapest]], head, following, previous)
            choice[cheapest] = -1
        if ok:
            put(k, 1, entry_ptr, entry_first, entry_last, entry_amount, used)
            link(i, place[k], head, following, previous)
            choice[i] = k
            for t in range(1, changed):
                one = touched[t]
                for q in range(ptr[one], ptr[one + 1]):
                    if fits(q, entry_ptr, entry_first, entry_last, entry_amount, used, capacity):
                        put(q, 1, entry_ptr, entry_first, entry_last, entry_amount, used)
                        link(one, place[q], head, following, previous)
                        choice[one] = q
                        delta += points[q]
                        break
            heat = warm * (cold / warm) ** ((done + move) / of)
            ok = delta >= 0 or np.random.random() < np.exp(delta / heat)
        if ok:
            gained += delta
            continue
        for t in range(changed):
            one = touched[t]
            if choice[one] >= 0:
                put(choice[one], -1, entry_ptr, entry_first, entry_last, entry_amount, used)
                unlink(one, place[choice[one]], head, following, previous)
                choice[one] = -1
        for t in range(changed):
            if before[t] >= 0:
                put(before[t], 1, entry_ptr, entry_first, entry_last, entry_amount, used)
                link(touched[t], place[before[t]], head, following, previous)
                choice[touched[t]] = before[t]
    return gained
