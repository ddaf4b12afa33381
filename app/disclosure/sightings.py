"""What was shown to whom while one query or use case ran, noted for the ledger of disclosure. One's own assets are not noted."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.declaration import AssetKind
from app.catalogue.tiers import Tier
from app.db.work import Reader
from app.disclosure.faces import AssetFace, AssetFacts, face
from app.disclosure.rules import Placed, belongs_to


@dataclass(frozen=True, slots=True)
class Sighting:
    """`is_public`: everybody sees as much of it."""

    asset_id: int
    owner_id: int
    tier: Tier
    is_public: bool


def shown(reader: Reader, facts: AssetFacts, tier: Tier, kind: AssetKind) -> AssetFace:
    """The face of an asset, noted as seen: the one way from facts to a viewer."""
    saw(reader, facts.id, facts, tier)
    return face(facts, tier, kind)


def saw(reader: Reader, asset_id: int, asset: Placed, tier: Tier) -> None:
    """Note that the actor is shown the asset at `tier`; the most exact sight counts."""
    if reader.actor.is_system or reader.actor.organisation_id is None or tier is Tier.T0 or belongs_to(reader.actor, asset):
        return
    known = reader.sightings.get(asset_id)
    if known is None or known.tier < tier:
        is_public = asset.public_tier is not None and asset.public_tier >= tier
        reader.sightings[asset_id] = Sighting(asset_id, asset.owner_id, tier, is_public)
