"""From rows of the register to the facts that disclosure judges."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts import names
from app.assets.models import Asset
from app.catalogue.tiers import Tier
from app.disclosure import AssetFacts
from app.kernel.permission import Subject


def facts_of(session: Session, assets: Sequence[Asset]) -> list[AssetFacts]:
    """One query for the owners' sectors, whatever the number of assets."""
    owners = names(session, {asset.owner_id for asset in assets})
    return [_facts(asset, owners[asset.owner_id].sector) for asset in assets]


def _facts(asset: Asset, sector: str) -> AssetFacts:
    return AssetFacts(
        id=asset.id,
        ref=asset.ref,
        kind=asset.kind,
        name=asset.name,
        owner_id=asset.owner_id,
        region=asset.region,
        geometry=asset.geom,
        owner_sector=sector,
        operator_id=asset.operator_id,
        status=asset.status,
        grade=asset.grade,
        owner_ref=asset.owner_ref,
        available_from=asset.available_from,
        address=asset.address,
        land_consent=asset.land_consent,
        host_consent=asset.host_consent,
        provenance=asset.provenance,
        declared_crs=asset.declared_crs,
        accuracy_m=asset.accuracy_m,
        attributes=asset.attributes,
        assumed=tuple(asset.assumed),
        version=asset.version,
        cell_region=asset.cell_region,
        public_tier=None if asset.public_tier is None else Tier[asset.public_tier],
    )


def subject_of(asset: Asset) -> Subject:
    return Subject(owner_id=asset.owner_id, region=asset.region, regions=frozenset({asset.region}), status=asset.status)
