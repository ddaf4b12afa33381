"""The numba kernels of a disjoint pair: the first search, from the goal, and Suurballe's second, both guided by landmarks.

Twins in `pair_twin.py` answer the same. `marks[N, L]`: how far each node is from landmark L (FAR: not connected); `chosen`: those
that guide this question; none: both searches are plain. Sources: Suurballe 1974; Bhandari 1999, ch. 3; Goldberg & Harrelson 2005.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="operator"
from __future__ import annotations

from app.engine.routing import blocks
from app.engine.routing.network import FAR
from app.engine.routing.route_kernel import drop, inlined, jit, push

find_blocks = jit(blocks.find_blocks)


@inlined
def apart(marks, chosen, v, x):
    """The least that two nodes are apart, as far as landmarks tell: the triangle inequality."""
    least = 0
    for k in range(len(chosen)):
        a, b = marks[v, chosen[k]], marks[x, chosen[k]]
        if a < FAR and b < FAR:
            least = max(least, abs(a - b))
    return least


@jit
def first_path(ptr, to, edge, weight, start, goal, marks, chosen, dist, via, stamp, now, keys, items):
    """A* from `goal` to `start`. Fills dist (to the goal), via (the edge towards it) where stamp == now. Returns the distance, or
    FAR."""
    dist[goal] = 0
    via[goal] = -1
    stamp[goal] = now
    count = push(keys, items, 0, apart(marks, chosen, goal, start), goal)
    while count > 0:
        key, v = keys[0], items[0]
        count = drop(keys, items, count)
        here = dist[v]
        if key > here + apart(marks, chosen, v, start):
            continue
        if v == start:
            return here
        for a in range(ptr[v], ptr[v + 1]):
            e = edge[a]
            w = weight[e]
            x = to[a]
            if w < 0:
                continue
            if stamp[x] != now or here + w < dist[x]:
                dist[x] = here + w
                via[x] = e
                stamp[x] = now
                count = push(keys, items, count, here + w + apart(marks, chosen, x, start), x)
    return FAR


@inlined
def height(v, start, goal, first, left, seen, now, marks, chosen):
    """The least that is left from a node to the goal: consistent, and exact along the first path.

    What the first search settled is known exactly; anything else is at least as far as would not have lain before `start`."""
    known = first - apart(marks, chosen, v, start)
    if seen[v] == now:
        known = min(known, left[v])
    return max(known, apart(marks, chosen, v, goal))


@jit
def second_path(
    ptr,
    to,
    edge,
    weight,
    start,
    goal,
    first,
    left,
    seen,
    nodes,
    on,
    before,
    before_edge,
    stamp,
    now,
    keys,
    items,
    far,
    via,
    marks,
    chosen,
    high,
    high_stamp,
):
    """The second search, in the residual of the path `first`, on costs reduced by `height`.

    A state is 2 × node + side. With `nodes` (node-disjoint) a node of the first path that is entered from outside has side 0 and
    may be left only backwards along that path; side 1 is free. `on[v] == now` marks the first path, `before` the node before
    on it, `before_edge` the edge from there. `left`, `seen`: what the first search found. Fills far and via (state it came from,
    and edge: [states, 2]). Returns the reduced distance of the goal, or FAR."""
    state = 2 * start + 1
    far[state] = 0
    stamp[state] = now
    via[state, 0] = -1
    via[state, 1] = -1
    high[start] = first
    high_stamp[start] = now
    count = push(keys, items, 0, 0, state)
    while count > 0:
        key, state = keys[0], items[0]
        count = drop(keys, items, count)
        if key > far[state]:
            continue
        v = state >> 1
        if v == goal:
            return key
        mine = on[v] == now
        if mine and v != start and before[v] != start:
            u = before[v]
            z = 2 * u + 1
            if stamp[z] != now or key < far[z]:
                far[z] = key
                stamp[z] = now
                via[z, 0] = state
                via[z, 1] = before_edge[v]
                if high_stamp[u] != now:
                    high[u] = left[u]
                    high_stamp[u] = now
                count = push(keys, items, count, key, z)
        if nodes and mine and (state & 1) == 0:
            continue
        here = high[v]
        for a in range(ptr[v], ptr[v + 1]):
            e = edge[a]
            w = weight[e]
            if w < 0:
                continue
            x = to[a]
            if x == start:
                continue
            if mine and (before_edge[v] == e or (on[x] == now and before_edge[x] == e)):
                continue
            if high_stamp[x] != now:
                high[x] = height(x, start, goal, first, left, seen, now, marks, chosen)
                high_stamp[x] = now
            z = 2 * x if nodes and on[x] == now and x != goal else 2 * x + 1
            reached = key + w + high[x] - here
            if stamp[z] != now or reached < far[z]:
                far[z] = reached
                stamp[z] = now
                via[z, 0] = state
                via[z, 1] = e
                count = push(keys, items, count, reached, z)
    return FAR
