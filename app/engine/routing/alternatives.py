"""The k cheapest loopless ways, in order: Yen's method (1971) with Lawler's saving (1972), each spur search guided by what is
left to the goal (A* with exact distances of the unrestricted network, which no ban can make too large)."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np

from app.engine.problem import Ints
from app.engine.routing.network import Network
from app.engine.routing.search import Path, ahead, shortest


def cheapest_ways(network: Network, weight: Ints, start: int, goal: int) -> Iterator[Path]:
    """Every way from `start` to `goal` that visits no node twice, cheapest first, ties by their edges; ends when there is no
    other. Two ways are different when an edge differs. One search per node of the way before, and O(k × length) memory.
    """
    potential = ahead(network, weight, goal, start)
    first = shortest(network, weight, start, goal, potential=potential)
    if first is None:
        return
    waiting: list[tuple[int, tuple[int, ...], int, Path]] = [(first.cost, tuple(first.edges.tolist()), 0, first)]
    known = {waiting[0][1]}
    done: list[tuple[int, ...]] = []
    while waiting:
        _, edges, deviates, path = heappop(waiting)
        yield path
        done.append(edges)
        spent = 0 if deviates == 0 else int(weight[path.edges[:deviates]].sum())
        for at in range(deviates, len(edges)):
            root = edges[:at]
            shut = {way[at] for way in done if len(way) > at and way[:at] == root}
            spur = shortest(network, weight, int(path.nodes[at]), goal, shut, path.nodes[:at], potential)
            if spur is not None:
                found = root + tuple(spur.edges.tolist())
                if found not in known:
                    known.add(found)
                    whole = Path(
                        spent + spur.cost,
                        np.array(found, np.int64),
                        np.concatenate((path.nodes[:at], spur.nodes)).astype(np.int64),
                    )
                    heappush(waiting, (whole.cost, found, at, whole))
            spent += int(weight[edges[at]])
