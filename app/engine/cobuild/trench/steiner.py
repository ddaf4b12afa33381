"""A tree that joins terminals, at most twice as dear as the least: Mehlhorn's algorithm.

K. Mehlhorn 1988, "A faster approximation algorithm for the Steiner problem in graphs": the terminals' shortest-path regions meet
at sections; the least spanning tree over those meetings holds a tree of the terminals. O(m log m).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

Weights = Mapping[int, int]  # by section


def mehlhorn(ends: Mapping[int, tuple[int, int]], weight: Weights, terminals: Iterable[int]) -> set[int]:
    """The sections of a forest that joins the terminals as far as the sections of `weight` lead. `ends`: section → its nodes."""
    around: dict[int, list[tuple[int, int]]] = {}
    for e in sorted(weight):
        a, b = ends[e]
        around.setdefault(a, []).append((e, b))
        around.setdefault(b, []).append((e, a))
    wanted = sorted(set(terminals))
    dist, base, via = _regions(around, weight, wanted)
    meetings = []
    for e in sorted(weight):
        a, b = ends[e]
        if a in base and b in base and base[a] != base[b]:
            meetings.append((dist[a] + weight[e] + dist[b], e))
    root = {t: t for t in wanted}
    taken: set[int] = set()
    for _, e in sorted(meetings):
        a, b = ends[e]
        if _join(root, base[a], base[b]):
            taken.add(e)
            for node in (a, b):
                while node in via:
                    taken.add(via[node][0])
                    node = via[node][1]
    return _pruned(_spanning(taken, ends, weight), ends, set(wanted))


def _regions(
    around: dict[int, list[tuple[int, int]]], weight: Weights, terminals: list[int]
) -> tuple[dict[int, int], dict[int, int], dict[int, tuple[int, int]]]:
    """Of each node reached: how far the nearest terminal is, which it is, and by which section from which node."""
    dist, base = dict.fromkeys(terminals, 0), {t: t for t in terminals}
    via: dict[int, tuple[int, int]] = {}
    heap = [(0, t) for t in terminals]
    while heap:
        far, node = heapq.heappop(heap)
        if far > dist[node]:
            continue
        for e, to in around.get(node, ()):
            reached = far + weight[e]
            if reached < dist.get(to, reached + 1):
                dist[to], base[to], via[to] = reached, base[node], (e, node)
                heapq.heappush(heap, (reached, to))
    return dist, base, via


def _join(root: dict[int, int], a: int, b: int) -> bool:
    """Make the parts of a and b one; False where they are already."""
    for node in (a, b):
        root.setdefault(node, node)
    while root[a] != a:
        root[a] = root[root[a]]
        a = root[a]
    while root[b] != b:
        root[b] = root[root[b]]
        b = root[b]
    root[max(a, b)] = min(a, b)
    return a != b


def _spanning(sections: set[int], ends: Mapping[int, tuple[int, int]], weight: Weights) -> set[int]:
    """The least spanning forest of the sections."""
    root: dict[int, int] = {}
    return {e for _, e in sorted((weight[e], e) for e in sections) if _join(root, *ends[e])}


def _pruned(sections: set[int], ends: Mapping[int, tuple[int, int]], terminals: set[int]) -> set[int]:
    """Without what leads to no terminal."""
    at: dict[int, set[int]] = {}
    for e in sections:
        for node in ends[e]:
            at.setdefault(node, set()).add(e)
    loose = [node for node, es in at.items() if len(es) == 1 and node not in terminals]
    while loose:
        node = loose.pop()
        if len(at[node]) != 1:
            continue
        (e,) = at[node]
        sections.discard(e)
        for end in ends[e]:
            at[end].discard(e)
            if len(at[end]) == 1 and end not in terminals:
                loose.append(end)
    return sections
