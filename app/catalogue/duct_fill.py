"""How thick a cable a duct takes: fill is the area of the cable over the area of the bore. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from app.catalogue.profiles import Profile

USUAL_FILL_PCT = 50  # where nobody states how much of a bore may be filled


def largest_mm(bore_mm: Decimal | None, fill_limit_pct: Decimal) -> Decimal | None:
    """The thickest cable that a bore takes, down to a tenth of a millimetre: D · √(limit)."""
    if bore_mm is None or bore_mm <= 0 or fill_limit_pct < 0:
        return None
    return (bore_mm * (fill_limit_pct / 100).sqrt()).quantize(Decimal("0.1"), ROUND_DOWN)


def largest_cable_mm(attributes: Mapping[str, Any], profile: Profile | None) -> float | None:
    """Of a section: through its widest bore, hole or subduct. None where no bore is stated."""
    stated = attributes.get("fill_limit_pct")
    limit = Decimal(USUAL_FILL_PCT if stated is None else str(stated))
    bores = (attributes.get(name) for name in ("bore_mm", "subduct_bore_mm"))
    found = [largest for bore in bores if bore and (largest := largest_mm(Decimal(str(bore)), limit)) is not None]
    return float(max(found)) if found else None
