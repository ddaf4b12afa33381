"""The twins of `pair_kernel.py` in Python and numpy: the same answers, nothing to compile, some hundred times slower."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from numpy.typing import NDArray

from app.engine.routing.network import FAR

Array = NDArray[Any]


def _apart(marks: Array, chosen: Array, v: int, x: int) -> int:
    """`pair_kernel.apart`."""
    pairs = ((int(marks[v, k]), int(marks[x, k])) for k in chosen)
    return max((abs(a - b) for a, b in pairs if a < FAR and b < FAR), default=0)


def first_path(
    ptr: Array, to: Array, edge: Array, weight: Array, start: int, goal: int, marks: Array, chosen: Array, dist: Array,
    via: Array, stamp: Array, now: int, keys: Array, items: Array,
) -> int:  # fmt: skip
    """`pair_kernel.first_path`."""
    dist[goal], via[goal], stamp[goal] = 0, -1, now
    heap = [(_apart(marks, chosen, goal, start), goal)]
    while heap:
        key, v = heappop(heap)
        here = int(dist[v])
        if key > here + _apart(marks, chosen, v, start):
            continue
        if v == start:
            return here
        for a in range(int(ptr[v]), int(ptr[v + 1])):
            e, x = int(edge[a]), int(to[a])
            w = int(weight[e])
            if w >= 0 and (stamp[x] != now or here + w < dist[x]):
                dist[x], via[x], stamp[x] = here + w, e, now
                heappush(heap, (here + w + _apart(marks, chosen, x, start), x))
    return FAR


def second_path(
    ptr: Array, to: Array, edge: Array, weight: Array, start: int, goal: int, first: int, left: Array, seen: Array, nodes: bool,
    on: Array, before: Array, before_edge: Array, stamp: Array, now: int, keys: Array, items: Array, far: Array, via: Array,
    marks: Array, chosen: Array, high: Array, high_stamp: Array,
) -> int:  # fmt: skip
    """`pair_kernel.second_path`."""

    def height(node: int) -> int:
        known = first - _apart(marks, chosen, node, start)
        if seen[node] == now:
            known = min(known, int(left[node]))
        return max(known, _apart(marks, chosen, node, goal))

    def reach(state: int, key: int, source: int, by: int) -> None:
        if stamp[state] != now or key < far[state]:
            far[state], stamp[state] = key, now
            via[state, 0], via[state, 1] = source, by
            heappush(heap, (key, state))

    heap: list[tuple[int, int]] = []
    reach(2 * start + 1, 0, -1, -1)
    while heap:
        key, state = heappop(heap)
        if key > far[state]:
            continue
        v = state >> 1
        if v == goal:
            return key
        mine = on[v] == now
        if mine and v != start and before[v] != start:
            reach(2 * int(before[v]) + 1, key, state, int(before_edge[v]))
        if nodes and mine and state & 1 == 0:
            continue
        here = height(v)
        for a in range(int(ptr[v]), int(ptr[v + 1])):
            e, x = int(edge[a]), int(to[a])
            if weight[e] < 0 or x == start:
                continue
            if mine and (before_edge[v] == e or (on[x] == now and before_edge[x] == e)):
                continue
            side = 0 if nodes and on[x] == now and x != goal else 1
            reach(2 * x + side, key + int(weight[e]) + height(x) - here, state, e)
    return FAR
