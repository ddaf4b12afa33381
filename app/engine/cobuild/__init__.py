"""Co-construction: needs of several organisations that are built once, together, with a proven bound and a split of the cost.

`TowerProblem -> solve_towers(problem, params, stop, seed) -> Towers`. Pure, deterministic. See docs/engine-cobuild.md.
"""

from app.engine.cobuild.problem import MOST_REACH_MM, UNSTATED, TowerNeeds, TowerProblem, TowerTerms, build_towers
from app.engine.cobuild.site import Site, Standing, site_of
from app.engine.cobuild.split import (
    CoreCheck,
    Split,
    airport_shapley,
    by_proportion,
    core_of,
    core_of_towers,
    exact_shapley,
    sampled_shapley,
)
from app.engine.cobuild.towers import TowerParams, Towers, solve_towers
from app.engine.cobuild.verify import unbuildable

__all__ = [
    "MOST_REACH_MM",
    "UNSTATED",
    "CoreCheck",
    "Site",
    "Split",
    "Standing",
    "TowerNeeds",
    "TowerParams",
    "TowerProblem",
    "TowerTerms",
    "Towers",
    "airport_shapley",
    "build_towers",
    "by_proportion",
    "core_of",
    "core_of_towers",
    "exact_shapley",
    "sampled_shapley",
    "site_of",
    "solve_towers",
    "unbuildable",
]
