"""A peer of the literature's assignments, in a process of its own (OR-Tools and HiGHS cannot share one).

`python -m bench.assignment_peer SOLVER FILE SECONDS`: SOLVER is highs or cpsat; FILE an .npz of one instance with `need`, `listing`,
`cost`, `load` by option, `capacity` and `opening` by listing; SECONDS of the processor, not of the clock. Every need is served once
at the least cost, as a person would write it down for the solver. Prints JSON: `cost` (null: nothing found), `bound`, `seconds`.
"""

from __future__ import annotations

import json
import math
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np


def main(solver: str, file: str, seconds: float) -> None:
    held: Any = np.load(file)
    begin = time.process_time()
    cost, bound = {"highs": by_highs, "cpsat": by_cpsat}[solver](held, seconds)
    print(json.dumps({"cost": cost, "bound": bound, "seconds": time.process_time() - begin}))


def watched(stop: Callable[[], None], seconds: float) -> threading.Event:
    """Calls `stop` once the process has used its seconds, until the event is set."""
    done, end = threading.Event(), time.process_time() + seconds

    def watch() -> None:
        while not done.wait(0.05):
            if time.process_time() >= end:
                stop()
                return

    threading.Thread(target=watch, daemon=True).start()
    return done


def by_highs(held: Any, seconds: float) -> tuple[float | None, float | None]:
    import highspy

    need, listing, opening = held["need"], held["listing"], held["opening"]
    k, n, m = len(need), int(need.max()) + 1, len(opening)
    opened = bool(opening.any())
    x, lp = np.arange(k), highspy.HighsLp()
    row, column, value = [need, n + listing], [x, x], [np.ones(k), held["load"].astype(float)]
    lower = [np.ones(n), np.full(m, -np.inf)]
    upper = [np.ones(n), np.zeros(m) if opened else held["capacity"].astype(float)]
    if opened:
        y = k + np.arange(m)
        row += [n + np.arange(m), n + m + x, n + m + x]
        column += [y, x, k + listing]
        value += [-held["capacity"].astype(float), np.ones(k), -np.ones(k)]
        lower, upper = [*lower, np.full(k, -np.inf)], [*upper, np.zeros(k)]
    rows, columns, values = (np.concatenate(part) for part in (row, column, value))
    order = np.lexsort((columns, rows))
    lp.num_col_, lp.num_row_ = k + m * opened, len(np.concatenate(lower))
    lp.col_cost_ = np.concatenate((held["cost"], opening)).astype(float)[: lp.num_col_]
    lp.col_lower_, lp.col_upper_ = np.zeros(lp.num_col_), np.ones(lp.num_col_)
    lp.row_lower_, lp.row_upper_ = np.concatenate(lower), np.concatenate(upper)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=lp.num_row_)))).astype(np.int32)
    lp.a_matrix_.index_, lp.a_matrix_.value_ = columns[order].astype(np.int32), values[order]
    lp.integrality_ = [highspy.HighsVarType.kInteger] * lp.num_col_
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, setting in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 0.999)):
        highs.setOptionValue(name, setting)
    highs.passModel(lp)
    highs.HandleUserInterrupt = True
    done = watched(highs.cancelSolve, seconds)
    highs.solve()
    done.set()
    info = highs.getInfo()
    feasible = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    bound = info.mip_dual_bound
    return round(info.objective_function_value) if feasible else None, math.ceil(bound - 1e-6) if math.isfinite(bound) else None


def by_cpsat(held: Any, seconds: float) -> tuple[float | None, float | None]:
    from ortools.sat.python import cp_model

    need, listing, opening = held["need"].tolist(), held["listing"].tolist(), held["opening"].tolist()
    cost, load, capacity = held["cost"].tolist(), held["load"].tolist(), held["capacity"].tolist()
    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in need]
    y = [model.new_bool_var("") for _ in opening] if any(opening) else []
    by_need: dict[int, list[int]] = {}
    by_listing: dict[int, list[int]] = {}
    for k, (i, j) in enumerate(zip(need, listing, strict=True)):
        by_need.setdefault(i, []).append(k)
        by_listing.setdefault(j, []).append(k)
    for options in by_need.values():
        model.add_exactly_one(x[k] for k in options)
    for j, options in by_listing.items():
        model.add(sum(load[k] * x[k] for k in options) <= (capacity[j] * y[j] if y else capacity[j]))
        for k in options if y else ():
            model.add_implication(x[k], y[j])
    spent = sum(c * v for c, v in zip(cost, x, strict=True)) + sum(o * v for o, v in zip(opening, y, strict=False))
    model.minimize(spent)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    done = watched(solver.stop_search, seconds)
    status = solver.solve(model)
    done.set()
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return round(solver.objective_value) if found else None, math.ceil(solver.best_objective_bound - 1e-6)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
