"""Trenches: routes of several organisations that are dug once, together. `TrenchProblem -> solve_trenches(...) -> Trenches`."""

from app.engine.cobuild.trench.problem import TrenchNeeds, TrenchProblem, TrenchTerms, build_trenches
from app.engine.cobuild.trench.share import Joint, core_excess, trench_shapley
from app.engine.cobuild.trench.solve import Trenches, TrenchParams, solve_trenches
from app.engine.cobuild.trench.verify import undiggable

__all__ = [
    "Joint",
    "TrenchNeeds",
    "TrenchParams",
    "TrenchProblem",
    "TrenchTerms",
    "Trenches",
    "build_trenches",
    "core_excess",
    "solve_trenches",
    "trench_shapley",
    "undiggable",
]
