"""How high a listing promises to carry, as everybody may know it: for lists and maps that are searched by height. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.assets import effective_attributes
from app.catalogue.declaration import AssetKind
from app.catalogue.tiers import Tier
from app.disclosure import shown_attributes


def height_m(kind: AssetKind, attributes: Mapping[str, Any], profile: str | None) -> float | None:
    """The supply of the kind's height: on a high-voltage tower what is left under the conductors, not the tower's own. Made of
    what is public alone; None where the kind has none, or nothing is promised."""
    criterion = next((c for c in kind.criteria if c.demand is not None and c.demand == kind.joint_height), None)
    if criterion is None or criterion.supply is None:
        return None
    public = shown_attributes(kind, attributes, Tier.T1)
    value = effective_attributes(kind, public, profile).get(criterion.supply)
    return None if value is None else float(value)
