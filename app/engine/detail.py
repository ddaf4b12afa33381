"""Points and margins of many pairs at once: what is stored beside a match."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.facts import prepare
from app.engine.judge import judge
from app.engine.problem import Ints, Problem


@dataclass(frozen=True, eq=False)
class Detail:
    """[pairs, criteria], in the order of the kind's `all_criteria`; columns past a kind's own are 0. As in `judge`."""

    points: Ints
    margin: Ints
    fail: NDArray[np.uint32]
    unstated: NDArray[np.uint32]


def detail(problem: Problem, need: Ints, listing: Ints, distance_mm: Ints) -> Detail:
    """Judge given pairs again, with their distances as a Result carries them."""
    columns = [np.ascontiguousarray(x, np.int64) for x in (need, listing, distance_mm)]
    judged = judge(prepare(problem).facts, columns[0], columns[1], columns[2], detail=True)
    return Detail(judged.points, judged.margin, judged.fail, judged.unstated)
