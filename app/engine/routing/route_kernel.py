"""The numba kernels of route search. Each has a twin in `twin.py` that answers the same: both take what waits in the order of
(key, node), and change a parent only for something strictly better, so that the order of the heap's inside never shows.

Heaps are 4-ary arrays of (key, item). Every kernel ends: each pop settles or drops an entry, and a relaxed arc adds at most one.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

import numba as nb

from app.engine.routing.network import FAR

jit = nb.njit(nogil=True, cache=True)
inlined = nb.njit(nogil=True, inline="always")


@inlined
def push(keys, items, count, key, item):
    i = count
    while i > 0:
        p = (i - 1) >> 2
        if keys[p] < key or (keys[p] == key and items[p] <= item):
            break
        keys[i] = keys[p]
        items[i] = items[p]
        i = p
    keys[i] = key
    items[i] = item
    return count + 1


@inlined
def drop(keys, items, count):
    """Remove the first entry (read it before)."""
    count -= 1
    key, item = keys[count], items[count]
    i = 0
    while True:
        c = 4 * i + 1
        if c >= count:
            break
        m = c
        for j in range(c + 1, min(c + 4, count)):
            if keys[j] < keys[m] or (keys[j] == keys[m] and items[j] < items[m]):
                m = j
        if keys[m] > key or (keys[m] == key and items[m] >= item):
            break
        keys[i] = keys[m]
        items[i] = items[m]
        i = m
    keys[i] = key
    items[i] = item
    return count


@jit
def grow(ptr, to, edge, weight, shut, barred, start, goal, limit, potential, dist, via, stamp, now, keys, items):
    """Dijkstra, or A* with a consistent `potential`. Fills dist and via (the edge by which a node was reached) where stamp == now.
    Returns the key at which it stopped: the goal's distance, FAR when everything was seen, or the first key beyond `limit`.
    """
    guided = len(potential) > 0
    dist[start] = 0
    via[start] = -1
    stamp[start] = now
    count = push(keys, items, 0, potential[start] if guided else 0, start)
    while count > 0:
        key, v = keys[0], items[0]
        count = drop(keys, items, count)
        here = dist[v]
        if key > here + (potential[v] if guided else 0):
            continue
        if key > limit:
            return key
        if v == goal:
            return here
        for a in range(ptr[v], ptr[v + 1]):
            e = edge[a]
            w = weight[e]
            x = to[a]
            if w < 0 or shut[e] == now or barred[x] == now:
                continue
            there = here + w
            if stamp[x] != now or there < dist[x]:
                h = potential[x] if guided else 0
                if h >= FAR:
                    continue
                dist[x] = there
                via[x] = e
                stamp[x] = now
                count = push(keys, items, count, there + h, x)
    return FAR


@jit
def label(
    ptr,
    to,
    edge,
    weight,
    loss,
    length,
    start,
    goal,
    most_loss,
    most_length,
    left,
    left_loss,
    left_length,
    labels,
    last,
    keys,
    items,
):
    """Label setting with dominance: the cheapest route within two limits. `left*[N]`: the least that any way from a node to the
    goal takes (FAR: none). `labels[cap, 7]`: cost, loss, length, node, parent, edge, next of the node. `last[N]`: newest settled
    label of a node, -1.

    Returns (label of the goal or -1, count of labels, key reached): -1 with a key of FAR means that there is no route, -1 with
    another key that there was no room for more labels, and that no route costs less than the key. Desrochers & Soumis 1988.
    """
    cap = len(labels)
    if left[start] >= FAR or left_loss[start] > most_loss or left_length[start] > most_length:
        return -1, 0, FAR
    labels[0, 0] = 0
    labels[0, 1] = 0
    labels[0, 2] = 0
    labels[0, 3] = start
    labels[0, 4] = -1
    labels[0, 5] = -1
    made = 1
    count = push(keys, items, 0, left[start], 0)
    while count > 0:
        key, i = keys[0], items[0]
        count = drop(keys, items, count)
        cost, lossy, long, v = labels[i, 0], labels[i, 1], labels[i, 2], labels[i, 3]
        if v == goal:
            return i, made, key
        beaten = False
        k = last[v]
        while k >= 0:
            if labels[k, 0] <= cost and labels[k, 1] <= lossy and labels[k, 2] <= long:
                beaten = True
                break
            k = labels[k, 6]
        if beaten:
            continue
        labels[i, 6] = last[v]
        last[v] = i
        for a in range(ptr[v], ptr[v + 1]):
            e = edge[a]
            x = to[a]
            if weight[e] < 0 or left[x] >= FAR:
                continue
            more_loss, more_length = lossy + loss[e], long + length[e]
            if left_loss[x] > most_loss - more_loss or left_length[x] > most_length - more_length:
                continue
            if made == cap:
                return -1, made, key
            labels[made, 0] = cost + weight[e]
            labels[made, 1] = more_loss
            labels[made, 2] = more_length
            labels[made, 3] = x
            labels[made, 4] = i
            labels[made, 5] = e
            count = push(keys, items, count, cost + weight[e] + left[x], made)
            made += 1
    return -1, made, FAR
