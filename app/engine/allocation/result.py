"""What an allocation run takes and answers, in columns that can be stored as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.engine.problem import Ints

TRIVIAL, BRANCH, LAGRANGE, MIP, NEIGHBOURS, ANNEAL, PACKS, CHAINS, EXCHANGES = range(
    9
)  # Components.method: what found the answer
METHODS = ("trivial", "branch and bound", "prices", "HiGHS", "neighbourhoods", "annealing", "packs", "chains", "exchanges")


@dataclass(frozen=True, slots=True)
class AllocationParams:
    """How hard to try; every limit is counted, not timed, so that an answer does not depend on the machine. `reduction` and
    `decomposition` can be turned off to compare. `branch_nodes`: per small part; `mip_nodes` and `mip_entries`: of the parts that
    HiGHS solves whole (entries: its matrix); `price_steps`; `block_steps` of the bound by listings with `block_nodes` for each
    block, `pack_rounds` of pricing its packs, all of them where there are no more than `most_packs`; `draws` a row of some
    rows whose packs are searched by `draw_nodes` programs each; `moves` of the local search per need, a fifth of them before anything slower, or of
    `chains` per need in its last round, of `exchanges` turns per need; `rounds` of `neighbourhood` needs with `neighbourhood_nodes` each."""

    reduction: bool = True
    branch_nodes: int = 20_000
    branch_needs: int = 40
    mip_nodes: int = 2_000
    mip_entries: int = 400_000
    quick_steps: int = 120
    price_steps: int = 1_500
    block_steps: int = 300
    block_nodes: int = 5_000
    pack_rounds: int = 100
    most_packs: int = 15_000
    draws: int = 30
    draw_nodes: int = 60
    moves: int = 1_000
    chains: int = 16_000
    exchanges: int = 160
    rounds: int = 300
    neighbourhood: int = 120
    neighbourhood_nodes: int = 100

    def __post_init__(self) -> None:
        for name in (
            "branch_nodes",
            "mip_nodes",
            "mip_entries",
            "quick_steps",
            "price_steps",
            "block_steps",
            "block_nodes",
            "pack_rounds",
            "most_packs",
            "draws",
            "draw_nodes",
            "moves",
            "chains",
            "exchanges",
            "rounds",
            "neighbourhood_nodes",
        ):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0")
        if self.neighbourhood < 1:
            raise ValueError("neighbourhood must be at least 1")


class Components(NamedTuple):
    """A row per part that competes with no other: its size, what found its answer, its value and its bound."""

    needs: Ints
    options: Ints
    rows: Ints
    method: NDArray[np.int8]
    value: Ints
    bound: Ints


@dataclass(frozen=True, eq=False)
class Allocation:
    """`quantity[i]` units of `option[i]`, ascending; `need` and `listing` are those options' indices. `value`: of all, in points;
    no allocation is worth more than `bound`. `settled`: needs that nobody contests (not in `components`)."""

    option: Ints
    need: Ints
    listing: Ints
    quantity: Ints
    value: int
    bound: int
    settled: int
    components: Components
    timings: Mapping[str, float]
    params: AllocationParams
    seed: int
    input_hash: str
    versions: Mapping[str, str]

    @property
    def proven(self) -> bool:
        """Nothing better exists."""
        return self.value == self.bound

    @property
    def gap(self) -> float:
        """What might be missing, as a share of the bound: 0 is proven optimal."""
        return (self.bound - self.value) / self.bound if self.bound > 0 else 0.0

    def of_need(self, need: int) -> list[tuple[int, int]]:
        """(listing, quantity) that a need gets."""
        rows = self.need == need
        return list(zip(self.listing[rows].tolist(), self.quantity[rows].tolist(), strict=True))
