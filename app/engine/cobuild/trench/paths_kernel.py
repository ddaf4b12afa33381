"""Shortest ways over the sections that a trench could take: one search for every question that trenches ask.

Weights are whole thousandths of a minor unit or millimetres; NEVER closes a section. Ties go to the lower node, so that the answer
never depends on the order in which anything was put in.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb
import numpy as np

jit = nb.njit(nogil=True, cache=True)
NEVER = np.int64(1) << 60


@jit
def search(ptr, other, edge, weight, source, goal, limit, dist, via):
    """Distances from `source` into `dist` (NEVER: out of reach or beyond `limit`) and the section that each node was reached by
    into `via`; ends when `goal` (−1: none) is settled. O(m log m)."""
    dist[:], via[:] = NEVER, -1
    heap = [(np.int64(0), np.int64(source))]
    dist[source] = 0
    while heap:
        far, node = heapq_pop(heap)
        if far > dist[node]:
            continue
        if node == goal:
            return
        for k in range(ptr[node], ptr[node + 1]):
            step = weight[edge[k]]
            if step >= NEVER:
                continue
            reached, to = far + step, other[k]
            if reached <= limit and reached < dist[to]:
                dist[to], via[to] = reached, edge[k]
                heapq_push(heap, (reached, np.int64(to)))


@jit
def heapq_push(heap, item):
    heap.append(item)
    at = len(heap) - 1
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= item:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = item


@jit
def heapq_pop(heap):
    last = heap.pop()
    if len(heap) == 0:
        return last
    top, at, n = heap[0], 0, len(heap)
    while True:
        below = 2 * at + 1
        if below >= n:
            break
        if below + 1 < n and heap[below + 1] < heap[below]:
            below += 1
        if last <= heap[below]:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = last
    return top


@jit
def walk_back(tail, head, via, source, goal):
    """The sections from `source` to `goal` as `search` reached it, in order; empty when it did not."""
    n, at = 0, goal
    while at != source and via[at] >= 0:
        at = tail[via[at]] if head[via[at]] == at else head[via[at]]
        n += 1
    if at != source:
        return np.empty(0, np.int64)
    way, at = np.empty(n, np.int64), goal
    for k in range(n - 1, -1, -1):
        way[k] = via[at]
        at = tail[via[at]] if head[via[at]] == at else head[via[at]]
    return way


@jit
def usable_sections(ptr, other, edge, length, source, goal, limit, here, there, via):
    """The sections that a way of at most `limit` millimetres from `source` to `goal` could take, in ascending order. `here`,
    `there`, `via`: room for one number for each node."""
    search(ptr, other, edge, length, source, -1, limit, here, via)
    search(ptr, other, edge, length, goal, -1, limit, there, via)
    found = [np.int64(0) for _ in range(0)]
    for node in range(len(ptr) - 1):
        if here[node] >= NEVER:
            continue
        for k in range(ptr[node], ptr[node + 1]):
            if there[other[k]] < NEVER and here[node] + length[edge[k]] + there[other[k]] <= limit:
                found.append(np.int64(edge[k]))  # noqa: PERF401 - compiled
    return np.unique(np.array(found, np.int64)) if len(found) else np.empty(0, np.int64)


@jit
def priced_ways(need, start, goal, own, use_ptr, use_edge, price, length, ptr, other, edge, weight, dist, via, cost, taken):
    """For each need its cheapest way where section use_edge[k] costs it price[k] and its own ducts `own` a millimetre: cost[need],
    and taken[k]: whether the way takes it. `weight` holds NEVER everywhere, before and after."""
    for i in need:
        for k in range(use_ptr[i], use_ptr[i + 1]):
            weight[use_edge[k]] = price[k] + own[i] * length[use_edge[k]]
            taken[k] = False
        search(ptr, other, edge, weight, start[i], goal[i], NEVER - 1, dist, via)
        cost[i] = dist[goal[i]]
        at = goal[i]
        while at != start[i] and via[at] >= 0:
            e = via[at]
            low, high = use_ptr[i], use_ptr[i + 1]
            while low < high:
                middle = (low + high) >> 1
                if use_edge[middle] < e:
                    low = middle + 1
                else:
                    high = middle
            taken[low] = True
            for k in range(ptr[at], ptr[at + 1]):
                if edge[k] == e:
                    at = other[k]
                    break
        for k in range(use_ptr[i], use_ptr[i + 1]):
            weight[use_edge[k]] = NEVER
