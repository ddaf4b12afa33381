"""The room of disclosure: tiers, grants, faces. Every read of an asset passes here."""

from __future__ import annotations

from app.disclosure.canary import Agreement, agreement, marked
from app.disclosure.faces import AssetFace, AssetFacts, shown_attributes
from app.disclosure.grid import CELL_M, anchor, cell_bounds, cell_name, cell_of, centre_of, snapped
from app.disclosure.held import covers, holds_now, is_exempt
from app.disclosure.models import Exemption, ExportMark, Grant, Sight
from app.disclosure.purposes import PURPOSES
from app.disclosure.queries import Columns, granted_tiers, own, tier_for, tiers_for, view, view_all, visible
from app.disclosure.rules import belongs_to, is_active, is_competent, public_tier, state_of, tier_of
from app.disclosure.service import Leave, Scope, grant, open_to, revoke
from app.disclosure.sightings import saw, shown
from app.disclosure.witness import Witness

__all__ = [
    "CELL_M",
    "PURPOSES",
    "Agreement",
    "AssetFace",
    "AssetFacts",
    "Columns",
    "Exemption",
    "ExportMark",
    "Grant",
    "Leave",
    "Scope",
    "Sight",
    "Witness",
    "agreement",
    "anchor",
    "belongs_to",
    "cell_bounds",
    "cell_name",
    "cell_of",
    "centre_of",
    "covers",
    "grant",
    "granted_tiers",
    "holds_now",
    "is_active",
    "is_competent",
    "is_exempt",
    "marked",
    "open_to",
    "own",
    "public_tier",
    "revoke",
    "saw",
    "shown",
    "shown_attributes",
    "snapped",
    "state_of",
    "tier_for",
    "tier_of",
    "tiers_for",
    "view",
    "view_all",
    "visible",
]
