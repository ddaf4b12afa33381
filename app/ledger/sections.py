"""How many cables of a diameter go through duct sections, through holes and through subducts: pure arithmetic on what is free.

Fill is the area of the cable over the area of the bore, (d / D)²: a limit, checked and not consumed. A slot is one tenant's: what
counts is the fill of the cable that it would pull in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.catalogue.duct_fill import USUAL_FILL_PCT
from app.ledger.rules import Free


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it is in a window. `holes`, `subducts`: free throughout, reserves and claims taken off.

    Bores in millimetres; `fill_limit_pct`: the highest share of a bore that a cable may take. A bore that nobody states is None:
    nothing is promised through it."""

    holes: int
    subducts: int
    bore_mm: Decimal | None
    subduct_bore_mm: Decimal | None
    fill_limit_pct: Decimal


@dataclass(frozen=True, slots=True)
class Ways:
    """How many cables pass, and through what."""

    holes: int
    subducts: int

    @property
    def count(self) -> int:
        return self.holes + self.subducts


def fill_pct(cable_mm: Decimal, bore_mm: Decimal) -> Decimal:
    """Area of the cable over area of the bore, in per cent."""
    return 100 * cable_mm * cable_mm / (bore_mm * bore_mm)


def passes(cable_mm: Decimal, bore_mm: Decimal | None, fill_limit_pct: Decimal) -> bool:
    return bore_mm is not None and bore_mm > 0 and fill_pct(cable_mm, bore_mm) <= fill_limit_pct


def ways(section: Section, cable_mm: Decimal) -> Ways:
    """Through one section."""
    return Ways(
        section.holes if passes(cable_mm, section.bore_mm, section.fill_limit_pct) else 0,
        section.subducts if passes(cable_mm, section.subduct_bore_mm, section.fill_limit_pct) else 0,
    )


def capacity(sections: Sequence[Section], cable_mm: Decimal) -> int:
    """Of a route: its worst section's."""
    return min((ways(section, cable_mm).count for section in sections), default=0)


def section_of(attributes: Mapping[str, Any], free: Mapping[str, Free]) -> Section:
    """A section from what its owner states and what is free of it in a window."""

    def millimetres(name: str) -> Decimal | None:
        return None if attributes.get(name) is None else Decimal(str(attributes[name]))

    limit = attributes.get("fill_limit_pct")
    return Section(
        _count(free, "hole"),
        _count(free, "subduct"),
        millimetres("bore_mm"),
        millimetres("subduct_bore_mm"),
        Decimal(USUAL_FILL_PCT) if limit is None else Decimal(str(limit)),
    )


def _count(free: Mapping[str, Free], dimension: str) -> int:
    return len(free[dimension].free_slots) if dimension in free else 0
