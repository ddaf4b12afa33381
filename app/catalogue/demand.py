"""What capacity a need takes: each requirement that a CAPACITY criterion compares, times its `per`. Written once, for holds
and lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.catalogue.declaration import MILLI, AssetKind, Test
from app.catalogue.passage import cable_mm
from app.kernel.quantity import to_milli


def demand(kind: AssetKind, requirements: Mapping[str, Any]) -> dict[str, int]:
    """Thousandths by dimension; a fibre pair takes two cores. Requirements that are not stated take nothing."""
    taken: dict[str, int] = {}
    for criterion in kind.criteria:
        if criterion.test is not Test.CAPACITY or criterion.supply is None or criterion.demand is None:
            continue
        asked = requirements.get(criterion.demand)
        if asked:
            taken[criterion.supply] = taken.get(criterion.supply, 0) + to_milli(asked) * criterion.per
    return taken


def supplied(kind: AssetKind, amounts: Mapping[str, int], requirements: Mapping[str, Any] | None = None) -> int | None:
    """How many of what the kind is asked for (`kind.quantity`) the amounts serve, whole; None where no capacity is compared
    with it. A way for a cable whose thickness is stated counts through whatever it is pulled."""
    counted = next(
        (c for c in kind.criteria if c.test is Test.CAPACITY and c.demand == kind.quantity and c.supply is not None), None
    )
    if counted is None:
        return None
    asked = requirements or {}
    total = amounts.get(counted.supply or "", 0)
    if cable_mm(kind, asked) is not None and kind.passage is not None:
        beside = {name: milli for name, milli in demand(kind, asked).items() if name != counted.supply}
        others = [way.dimension for way in kind.passage.ways if way.dimension != counted.supply]
        total += sum(max(0, amounts.get(name, 0) - beside.get(name, 0)) for name in others)
    return total // (MILLI * counted.per)
