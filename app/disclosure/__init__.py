"""The room of disclosure: tiers, grants, faces. Every read of an asset passes here."""

from __future__ import annotations

from app.disclosure.faces import AssetFace, AssetFacts, face, shown_attributes
from app.disclosure.grid import CELL_M, anchor, cell_bounds, cell_name, cell_of, centre_of, snapped
from app.disclosure.queries import Columns, granted_tiers, own, tier_for, tiers_for, view, view_all, visible
from app.disclosure.rules import belongs_to, is_competent, public_tier, tier_of
from app.disclosure.service import grant, revoke

__all__ = [
    "CELL_M",
    "AssetFace",
    "AssetFacts",
    "Columns",
    "anchor",
    "belongs_to",
    "cell_bounds",
    "cell_name",
    "cell_of",
    "centre_of",
    "face",
    "grant",
    "granted_tiers",
    "is_competent",
    "own",
    "public_tier",
    "revoke",
    "shown_attributes",
    "snapped",
    "tier_for",
    "tier_of",
    "tiers_for",
    "view",
    "view_all",
    "visible",
]
