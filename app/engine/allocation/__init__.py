"""Allocation: which need gets how much of which listing, for the greatest value within every capacity on every day, with a bound.

`AllocationProblem -> allocate(problem, params, stop, seed) -> Allocation`. Pure, columnar, deterministic. See docs/engine-allocation.md.
"""

from app.engine.allocation.checks import TOO_MUCH
from app.engine.allocation.numbered import Numbered, Slots, allocate_numbered
from app.engine.allocation.problem import (
    ALONE,
    NO_BUNDLE,
    AllocationProblem,
    Budgets,
    Demands,
    Exclusions,
    Loads,
    Options,
    Supplies,
    build_allocation,
)
from app.engine.allocation.result import METHODS, Allocation, AllocationParams, Components
from app.engine.allocation.solve import allocate
from app.engine.allocation.verify import broken_rule, value_of

__all__ = [
    "ALONE",
    "METHODS",
    "NO_BUNDLE",
    "TOO_MUCH",
    "Allocation",
    "AllocationParams",
    "AllocationProblem",
    "Budgets",
    "Components",
    "Demands",
    "Exclusions",
    "Loads",
    "Numbered",
    "Options",
    "Slots",
    "Supplies",
    "allocate",
    "allocate_numbered",
    "broken_rule",
    "build_allocation",
    "value_of",
]
