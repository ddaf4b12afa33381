"""How many cables of a diameter go through something that declares a passage, and through what: pure arithmetic on what is free.

Fill is the area of the cable over the area of the bore, (d / D)²: a limit, checked and not consumed. A slot is one tenant's.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.catalogue.declaration import AssetKind


def cable_mm(kind: AssetKind, requirements: Mapping[str, Any]) -> Decimal | None:
    """The diameter of the cable that is asked for; None where the kind has no passage or nobody says how thick it is."""
    stated = None if kind.passage is None else requirements.get(kind.passage.diameter)
    return Decimal(str(stated)) if stated else None


def passable(kind: AssetKind, attributes: Mapping[str, Any], diameter: Decimal) -> tuple[str, ...]:
    """The dimensions that the cable fits into, the first first. A bore that nobody states promises nothing."""
    if kind.passage is None:
        return ()
    stated = attributes.get(kind.passage.fill_limit)
    limit = Decimal(kind.passage.usual_fill_pct if stated is None else str(stated))
    bores = ((way.dimension, attributes.get(way.bore)) for way in kind.passage.ways)
    return tuple(name for name, bore in bores if bore and 100 * diameter * diameter <= limit * Decimal(str(bore)) ** 2)


def shared_out(units: int, free: Mapping[str, int], through: tuple[str, ...]) -> dict[str, int] | None:
    """How many of `units` go through each dimension, the first filled first; None where all together are too few."""
    taken: dict[str, int] = {}
    for name in through:
        part = min(units - sum(taken.values()), max(free.get(name, 0), 0))
        if part:
            taken[name] = part
    return taken if sum(taken.values()) == units else None
