"""The search for the cheapest grouping of one component after another: rarest needs first, then ruin and recreate.

Greedy: the need with the fewest partners takes the set that saves most. Then, again and again, neighbouring groups are dissolved
and their members parted anew (Schrimpf et al. 2000, "Record breaking optimization results using the ruin and recreate
principle"); what is not worse stays. The stream of random numbers is the component's own, so that threads change nothing.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

from app.engine.cobuild.pool_kernel import MOST_SETS, POOL, best_set, next_random, pool_sets, recreate

jit = nb.njit(nogil=True, cache=True)
RUINED = 16  # needs dissolved at once


@jit
def search(list_ptr, list_need, ptr, other, pair, corner, has, xyz, cover, first, last, top, alone, mounts, organisation,
           capacity, passes, tries, seed, group, member, size):  # fmt: skip
    """Group the needs of components list_need[list_ptr[c]:list_ptr[c + 1]]. `group[i]`: the label of i's group; `member[label]`,
    `size[label]`: who is in it. Both hold every need alone at the start."""
    local = np.full(len(group), -1, np.int64)
    pool, sets, parts, kept = (
        np.empty(POOL, np.int64),
        np.empty(MOST_SETS, np.int64),
        np.empty(POOL, np.int64),
        np.empty(POOL, np.int64),
    )
    state = np.empty(1, np.uint64)
    for c in range(len(list_ptr) - 1):
        needs = list_need[list_ptr[c] : list_ptr[c + 1]]
        state[0] = np.uint64(seed) * np.uint64(6364136223846793005) + np.uint64(needs[0]) * np.uint64(1442695040888963407)
        state[0] |= np.uint64(1)
        for _ in range(4):
            next_random(state)
        degree = np.empty(len(needs), np.int64)
        for k in range(len(needs)):
            degree[k] = ptr[needs[k] + 1] - ptr[needs[k]]
        order = np.argsort(degree, kind="mergesort")
        for k in order:
            if size[group[needs[k]]] == 1:
                first_group(needs[k], pool, sets, local, ptr, other, pair, corner, has, xyz, cover, first, last, top, alone,
                            mounts, organisation, capacity, state, group, member, size)  # fmt: skip
        for _ in range(passes):
            for k in range(len(needs)):
                i = needs[k]
                if group[i] == i:
                    ruin(i, pool, sets, parts, kept, tries, local, ptr, other, pair, corner, has, xyz, cover, first, last, top,
                         alone, mounts, organisation, capacity, state, group, member, size)  # fmt: skip


@jit
def first_group(i, pool, sets, local, ptr, other, pair, corner, has, xyz, cover, first, last, top, alone, mounts, organisation,
                capacity, state, group, member, size):  # fmt: skip
    """The best group of i with needs that stand alone yet: of its neighbours those with the fewest neighbours."""
    m, rank = 1, np.empty(POOL, np.int64)
    pool[0], rank[0] = i, 0
    for e in range(ptr[i], ptr[i + 1]):
        j = other[e]
        if size[group[j]] != 1:
            continue
        degree = ptr[j + 1] - ptr[j]
        if m == POOL and degree >= rank[m - 1]:
            continue
        at = m if m < POOL else POOL - 1
        while at > 1 and rank[at - 1] > degree:
            pool[at], rank[at] = pool[at - 1], rank[at - 1]
            at -= 1
        pool[at], rank[at] = j, degree
        m = min(m + 1, POOL)
    if m == 1:
        return
    count = pool_sets(pool, m, np.int64(1), local, ptr, other, pair, corner, has, xyz, cover, first, last, sets)
    chosen, saved = best_set(
        sets, count, (np.int64(1) << m) - 1, 0, pool, m, rank, 0.0, state, top, alone, mounts, organisation, capacity
    )
    if saved > 0:
        settle(pool, m, chosen, group, member, size)


@jit
def settle(pool, m, chosen, group, member, size):
    """Make a part of the pool one group, labelled by its first need."""
    label = -1
    for b in range(m):
        if (chosen >> b) & 1:
            if label < 0:
                label = pool[b]
                size[label] = 0
            group[pool[b]] = label
            member[label, size[label]] = pool[b]
            size[label] += 1


@jit
def saving_of(label, member, size, top, alone):
    """What a group saves against its members alone."""
    if size[label] == 1:
        return np.int64(0)
    total, highest = np.int64(0), np.int64(0)
    for k in range(size[label]):
        total += alone[member[label, k]]
        highest = max(highest, top[member[label, k]])
    return total - highest


@jit
def take_group(label, pool, m, local, member, size):
    for k in range(size[label]):
        pool[m] = member[label, k]
        local[member[label, k]] = m
        m += 1
    return m


@jit
def ruin(i, pool, sets, parts, kept, tries, local, ptr, other, pair, corner, has, xyz, cover, first, last, top, alone, mounts,
         organisation, capacity, state, group, member, size):  # fmt: skip
    """Dissolve i's group and groups around it, part their members anew, keep what saves at least as much."""
    if ptr[i + 1] == ptr[i]:
        return
    before, m = saving_of(i, member, size, top, alone), take_group(i, pool, 0, local, member, size)
    for _ in range(12):
        j = pool[np.int64(next_random(state) % np.uint64(m))]
        degree = ptr[j + 1] - ptr[j]
        near = other[ptr[j] + np.int64(next_random(state) % np.uint64(degree))] if degree else i
        label = group[near]
        if local[near] < 0 and m + size[label] <= RUINED:
            before += saving_of(label, member, size, top, alone)
            m = take_group(label, pool, m, local, member, size)
    for b in range(m):
        local[pool[b]] = -1
    count = pool_sets(pool, m, np.int64(0), local, ptr, other, pair, corner, has, xyz, cover, first, last, sets)
    used, most = 0, np.int64(-1)
    for turn in range(tries):
        n, saved = recreate(sets, count, pool, m, 0.1 * turn, state, top, alone, mounts, organisation, capacity, parts)
        if saved > most:
            used, most = n, saved
            kept[:n] = parts[:n]
    if most >= before:
        for p in range(used):
            settle(pool, m, kept[p], group, member, size)
