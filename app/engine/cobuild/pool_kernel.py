"""A handful of needs at once, as bits: every set of them that one tower can serve, and the cheapest way found to part them.

A pool is at most POOL needs. Its sets are what a corner or a centre serves on one day (a window's start: intervals that overlap
pairwise share one); only sets that lie in no other are kept. Whatever is chosen from one of them is buildable.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

from app.engine.cobuild.site_kernel import within

jit = nb.njit(nogil=True, cache=True)
POOL = 24
MOST_SETS = 768


@jit
def next_random(state):
    """xorshift64*: the next of a stream of whole numbers."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return (x * np.uint64(2685821657736338717)) >> np.uint64(33)


@jit
def size_of(bits):
    n = 0
    while bits:
        bits &= bits - 1
        n += 1
    return n


@jit
def add_set(sets, count, bits):
    """Keep `bits` unless it lies in a kept set; drop those that lie in it. Returns the new count."""
    for k in range(count):
        if sets[k] & bits == bits:
            return count
    kept = 0
    for k in range(count):
        if sets[k] & bits != sets[k]:
            sets[kept] = sets[k]
            kept += 1
    if kept < len(sets):
        sets[kept] = bits
        kept += 1
    return kept


@jit
def add_point(px, py, pz, pool, m, must, xyz, cover, first, last, sets, count):
    """The sets that a point serves, one for each day on which a member's window opens; only those that hold all of `must`."""
    served = np.int64(0)
    for b in range(m):
        if within(px, py, pz, xyz, cover, pool[b]):
            served |= np.int64(1) << b
    if served & must != must or served & (served - 1) == 0:
        return count
    for k in range(m):
        if not (served >> k) & 1:
            continue
        day, bits = first[pool[k]], np.int64(0)
        for b in range(m):
            if (served >> b) & 1 and first[pool[b]] <= day <= last[pool[b]]:
                bits |= np.int64(1) << b
        if bits & must == must and bits & (bits - 1):
            count = add_set(sets, count, bits)
    return count


@jit
def pool_sets(pool, m, must, local, ptr, other, pair, corner, has, xyz, cover, first, last, sets):
    """All maximal sets of two or more among pool[:m] that hold `must`; how many."""
    count = 0
    for a in range(m):
        local[pool[a]] = a
    for a in range(m):
        i = pool[a]
        count = add_point(xyz[i, 0], xyz[i, 1], xyz[i, 2], pool, m, must, xyz, cover, first, last, sets, count)
        for e in range(ptr[i], ptr[i + 1]):
            if local[other[e]] > a and has[pair[e]]:
                for side in range(2):
                    p = corner[pair[e], side]
                    count = add_point(p[0], p[1], p[2], pool, m, must, xyz, cover, first, last, sets, count)
    for a in range(m):
        local[pool[a]] = -1
    return count


@jit
def choose(bits, seed, limit, pool, m, rank, top, alone, mounts, organisation, capacity):
    """From a set the members that pay: the seed, then by rank, with a tower no dearer than `limit`, of two organisations, within
    the capacity. Returns (chosen bits, saved)."""
    chosen, room, highest = np.int64(1) << seed, capacity - mounts[pool[seed]], top[pool[seed]]
    saved, last, several = alone[pool[seed]], -1, False
    while True:
        best = -1
        for b in range(m):
            free = (bits >> b) & 1 and not (chosen >> b) & 1 and mounts[pool[b]] <= room and top[pool[b]] <= limit
            if free and (best < 0 or rank[b] < rank[best]) and alone[pool[b]] > max(0, top[pool[b]] - highest):
                best = b
        if best < 0:
            break
        chosen |= np.int64(1) << best
        room -= mounts[pool[best]]
        saved += alone[pool[best]]
        highest = max(highest, top[pool[best]])
        several |= organisation[pool[best]] != organisation[pool[seed]]
        last = best
    if last < 0:
        return chosen, np.int64(0)
    if not several:
        found = -1
        for b in range(m):
            fits = (bits >> b) & 1 and mounts[pool[b]] <= room + mounts[pool[last]] and top[pool[b]] <= limit
            if fits and organisation[pool[b]] != organisation[pool[seed]] and (found < 0 or rank[b] < rank[found]):
                found = b
        if found < 0:
            return chosen, np.int64(0)
        chosen = (chosen & ~(np.int64(1) << last)) | (np.int64(1) << found)
        saved += alone[pool[found]] - alone[pool[last]]
        highest = top[pool[seed]]
        for b in range(m):
            if (chosen >> b) & 1:
                highest = max(highest, top[pool[b]])
    return chosen, saved - highest


@jit
def best_set(sets, count, free, seed, pool, m, rank, noise, state, top, alone, mounts, organisation, capacity):
    """The set that saves most with `seed` in it among what is free: (bits, saved); saved 0 where none pays."""
    best, most, score = np.int64(1) << seed, np.int64(0), 0.0
    for k in range(count):
        if not (sets[k] >> seed) & 1:
            continue
        bits = sets[k] & free
        if bits & (bits - 1) == 0:
            continue
        for turn in range(2):
            limit = np.int64(1) << 62
            if turn == 1:
                pick = next_random(state) % np.uint64(size_of(bits))
                for b in range(m):
                    if (bits >> b) & 1:
                        if pick == 0:
                            limit = max(top[pool[b]], top[pool[seed]])
                            break
                        pick -= np.uint64(1)
            chosen, saved = choose(bits, seed, limit, pool, m, rank, top, alone, mounts, organisation, capacity)
            if saved <= 0:
                continue
            worth = saved * (1.0 + noise * (next_random(state) % np.uint64(1024)) / 1024.0)
            if worth > score:
                best, most, score = chosen, saved, worth
    return best, most


@jit
def recreate(sets, count, pool, m, noise, state, top, alone, mounts, organisation, capacity, parts):
    """One way to part the pool, from the needs with the fewest sets on: (parts used, saved)."""
    rank = np.empty(m, np.int64)
    for b in range(m):
        n = 0
        for k in range(count):
            if (sets[k] >> b) & 1:
                n += size_of(sets[k])
        rank[b] = n * 16 + np.int64(next_random(state) % np.uint64(16 + int(noise * 16 * (n + 4))))
    free, used, total = (np.int64(1) << m) - 1, 0, np.int64(0)
    while free:
        seed = -1
        for b in range(m):
            if (free >> b) & 1 and (seed < 0 or rank[b] < rank[seed]):
                seed = b
        chosen, saved = best_set(
            sets, count, free, seed, pool, m, rank, noise * 0.5, state, top, alone, mounts, organisation, capacity
        )
        parts[used] = chosen
        used += 1
        total += saved
        free &= ~chosen
    return used, total
