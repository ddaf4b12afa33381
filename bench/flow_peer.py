"""The peer of disjoint pairs, in a process of its own (OR-Tools and HiGHS cannot share one): min-cost flow of two units.

`python -m bench.flow_peer FILE`: FILE is an .npz with `nodes`, `tail`, `head`, `cost` of the open edges and `pairs[P, 2]`. Prints
JSON: the milliseconds and the cost of each pair (null: there are not two ways). Owns no measurement of ours.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def main(file: str) -> None:
    from ortools.graph.python import min_cost_flow

    held: Any = np.load(file)
    tail, head, cost = held["tail"], held["head"], held["cost"]
    count, answers = int(held["nodes"]), []
    ones = np.ones(2 * len(tail), np.int64)
    for start, goal in held["pairs"].tolist():
        flow = min_cost_flow.SimpleMinCostFlow()
        flow.add_arcs_with_capacity_and_unit_cost(np.r_[tail, head], np.r_[head, tail], ones, np.r_[cost, cost])
        supply = np.zeros(count, np.int64)
        supply[start], supply[goal] = 2, -2
        flow.set_nodes_supplies(np.arange(count), supply)
        began = time.perf_counter()
        status = flow.solve()
        taken = (time.perf_counter() - began) * 1000
        answers.append((taken, int(flow.optimal_cost()) if status == flow.OPTIMAL else None))
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1])
