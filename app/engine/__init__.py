"""The matching engine: `Problem -> solve(problem, params, stop, seed) -> Result`. Pure, columnar, integer, deterministic.

It knows kinds only by their declarations and places only by their coordinates; it opens no database and reads no clock but the
one that times it. See docs/engine.md.
"""

from app.engine.backend import warm
from app.engine.change import Change, ChangePart, apply_change, smallest_change
from app.engine.detail import Detail, detail
from app.engine.explain import Explanation, Reason, explain, explain_each
from app.engine.heap import keep_memory
from app.engine.problem import (
    FOREVER,
    MISSING,
    NO_BUDGET,
    ON_REQUEST,
    Listings,
    Needs,
    Places,
    Problem,
    ProblemError,
    build_problem,
)
from app.engine.result import Matches, NearMisses, Pairs, Params, Result
from app.engine.rows import Capacity, Claim, ListingRow, NeedRow, problem_from_rows
from app.engine.solve import Cancelled, Stop, affected_needs, solve, solve_listings, solve_needs
from app.engine.version import ENGINE_VERSION

__all__ = [
    "ENGINE_VERSION",
    "FOREVER",
    "MISSING",
    "NO_BUDGET",
    "ON_REQUEST",
    "Cancelled",
    "Capacity",
    "Change",
    "ChangePart",
    "Claim",
    "Detail",
    "Explanation",
    "ListingRow",
    "Listings",
    "Matches",
    "NearMisses",
    "NeedRow",
    "Needs",
    "Pairs",
    "Params",
    "Places",
    "Problem",
    "ProblemError",
    "Reason",
    "Result",
    "Stop",
    "affected_needs",
    "apply_change",
    "build_problem",
    "detail",
    "explain",
    "explain_each",
    "keep_memory",
    "problem_from_rows",
    "smallest_change",
    "solve",
    "solve_listings",
    "solve_needs",
    "warm",
]
