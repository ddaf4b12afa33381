"""How many cables of a diameter go through something that declares a passage, and through what: pure arithmetic on what is free.

Fill is the area of the cable over the area of the bore, (d / D)²: a limit, checked and not consumed. A slot is one tenant's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from app.catalogue.declaration import MILLI, AssetKind, Test


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


@dataclass(frozen=True, slots=True)
class Narrow:
    """A way through which the cable may not be pulled. `fill_pct`: what it would take of the bore's area, rounded up to a whole;
    None where nobody states the bore."""

    dimension: str
    cable_mm: Decimal
    fill_pct: int | None
    limit_pct: Decimal


def too_narrow(
    kind: AssetKind, attributes: Mapping[str, Any], requirements: Mapping[str, Any], amounts: Mapping[str, int]
) -> tuple[Narrow, ...]:
    """The ways among `amounts` that are meant for the cable that is asked for and do not take it. What is asked for beside the
    cable's ways (a subduct in its own right) carries another cable."""
    diameter, passage = cable_mm(kind, requirements), kind.passage
    if diameter is None or passage is None:
        return ()
    fits, first = passable(kind, attributes, diameter), passage.ways[0].dimension
    stated = attributes.get(passage.fill_limit)
    limit = Decimal(passage.usual_fill_pct if stated is None else str(stated))
    found = []
    for way in passage.ways:
        if amounts.get(way.dimension, 0) <= (0 if way.dimension == first else _beside(kind, requirements, way.dimension)):
            continue
        if way.dimension not in fits:
            bore = attributes.get(way.bore)
            fill = 100 * diameter * diameter / Decimal(str(bore)) ** 2 if bore else None
            found.append(Narrow(way.dimension, diameter, None if fill is None else ceil(fill), limit))
    return tuple(found)


def _beside(kind: AssetKind, requirements: Mapping[str, Any], dimension: str) -> int:
    """Thousandths of the dimension that are asked for in their own right."""
    asked = (c for c in kind.criteria if c.test is Test.CAPACITY and c.supply == dimension and c.demand is not None)
    return sum(int(requirements.get(c.demand or "") or 0) * MILLI * c.per for c in asked)
