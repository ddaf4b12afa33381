"""The twins of `route_kernel.py` in Python and numpy: the same answers, nothing to compile, some hundred times slower."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from numpy.typing import NDArray

from app.engine.routing.network import FAR

Array = NDArray[Any]


def grow(
    ptr: Array, to: Array, edge: Array, weight: Array, shut: Array, barred: Array, start: int, goal: int, limit: int,
    potential: Array, dist: Array, via: Array, stamp: Array, now: int, keys: Array, items: Array,
) -> int:  # fmt: skip
    """`route_kernel.grow`."""
    guide = potential.tolist() if len(potential) else None
    dist[start], via[start], stamp[start] = 0, -1, now
    heap = [(guide[start] if guide else 0, start)]
    while heap:
        key, v = heappop(heap)
        here = int(dist[v])
        if key > here + (guide[v] if guide else 0):
            continue
        if key > limit:
            return key
        if v == goal:
            return here
        for a in range(int(ptr[v]), int(ptr[v + 1])):
            e, x = int(edge[a]), int(to[a])
            w = int(weight[e])
            if w < 0 or shut[e] == now or barred[x] == now:
                continue
            if stamp[x] != now or here + w < dist[x]:
                h = guide[x] if guide else 0
                if h >= FAR:
                    continue
                dist[x], via[x], stamp[x] = here + w, e, now
                heappush(heap, (here + w + h, x))
    return FAR


def label(
    ptr: Array, to: Array, edge: Array, weight: Array, loss: Array, length: Array, start: int, goal: int, most_loss: int,
    most_length: int, left: Array, left_loss: Array, left_length: Array, labels: Array, last: Array, keys: Array, items: Array,
) -> tuple[int, int, int]:  # fmt: skip
    """`route_kernel.label`."""
    if left[start] >= FAR or left_loss[start] > most_loss or left_length[start] > most_length:
        return -1, 0, FAR
    labels[0, :6] = 0, 0, 0, start, -1, -1
    made, heap = 1, [(int(left[start]), 0)]
    while heap:
        key, i = heappop(heap)
        cost, lossy, long, v = (int(x) for x in labels[i, :4])
        if v == goal:
            return i, made, key
        k = int(last[v])
        while k >= 0 and not (labels[k, 0] <= cost and labels[k, 1] <= lossy and labels[k, 2] <= long):
            k = int(labels[k, 6])
        if k >= 0:
            continue
        labels[i, 6], last[v] = last[v], i
        for a in range(int(ptr[v]), int(ptr[v + 1])):
            e, x = int(edge[a]), int(to[a])
            if weight[e] < 0 or left[x] >= FAR:
                continue
            more_loss, more_length = lossy + int(loss[e]), long + int(length[e])
            if left_loss[x] > most_loss - more_loss or left_length[x] > most_length - more_length:
                continue
            if made == len(labels):
                return -1, made, key
            labels[made, :6] = cost + int(weight[e]), more_loss, more_length, x, i, e
            heappush(heap, (cost + int(weight[e]) + int(left[x]), made))
            made += 1
    return -1, made, FAR
