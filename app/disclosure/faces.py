"""The face that an asset shows to a viewer of a tier: what is known of it, generalised and filtered. Pure.

At T1 nothing depends on where inside its cell an asset stands: not the geometry, not the region, not the address, nor the version,
which says that it was moved. At T0 there is no identity at all, only a kind and a cell to count in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely

from app.catalogue.declaration import AssetKind
from app.catalogue.tiers import Tier
from app.disclosure.grid import CELL_M, snapped


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """All that is known of an asset. `public_tier`: what its open listing shows to everybody, None without one.
    `cell_region`: the region of its cell's middle, where that is known."""

    id: int
    ref: str
    kind: str
    name: str
    owner_id: int
    region: str
    geometry: shapely.Geometry
    owner_sector: str = "other"
    operator_id: int | None = None
    status: str = "operational"
    grade: str = "general"
    owner_ref: str | None = None
    available_from: date | None = None
    address: str | None = None
    land_consent: str = "unknown"
    host_consent: str = "unknown"
    provenance: str = "declared"
    declared_crs: str = "EPSG:4326"
    accuracy_m: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    version: int = 1
    public_tier: Tier | None = None
    cell_region: str | None = None


@dataclass(frozen=True, slots=True)
class AssetFace:
    """An asset as one viewer sees it. `id` is for joins inside the application and None where the viewer may only count."""

    tier: Tier
    kind: str
    geometry: shapely.Geometry
    id: int | None = None
    ref: str | None = None
    owner_id: int | None = None
    region: str | None = None
    status: str | None = None
    available_from: date | None = None
    provenance: str | None = None
    accuracy_m: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    name: str | None = None
    owner_ref: str | None = None
    operator_id: int | None = None
    address: str | None = None
    land_consent: str | None = None
    host_consent: str | None = None
    declared_crs: str | None = None
    grade: str | None = None
    version: int | None = None

    @property
    def is_exact(self) -> bool:
        return self.tier >= Tier.T2

    @property
    def is_internal(self) -> bool:
        return self.tier >= Tier.T3


def face(facts: AssetFacts, tier: Tier, kind: AssetKind) -> AssetFace:
    """What `facts` looks like at `tier`."""
    if tier is Tier.T0:
        return AssetFace(tier=tier, kind=facts.kind, geometry=snapped(facts.geometry))
    attributes = shown_attributes(kind, facts.attributes, tier)
    common = dict[str, Any](
        tier=tier,
        kind=facts.kind,
        id=facts.id,
        ref=facts.ref,
        owner_id=facts.owner_id,
        status=facts.status,
        available_from=facts.available_from,
        provenance=facts.provenance,
        attributes=attributes,
        assumed=tuple(name for name in facts.assumed if name in attributes),
    )
    if tier is Tier.T1:
        return AssetFace(**common, geometry=snapped(facts.geometry), region=facts.cell_region, accuracy_m=CELL_M)
    return AssetFace(
        **common,
        geometry=facts.geometry,
        region=facts.region,
        accuracy_m=facts.accuracy_m,
        name=facts.name,
        owner_ref=facts.owner_ref,
        operator_id=facts.operator_id,
        address=facts.address,
        land_consent=facts.land_consent,
        host_consent=facts.host_consent,
        declared_crs=facts.declared_crs,
        grade=facts.grade,
        version=facts.version,
    )


def shown_attributes(kind: AssetKind, attributes: Mapping[str, Any], tier: Tier) -> dict[str, Any]:
    """The attributes that a viewer of `tier` may read: those graded important or core are internal (T3)."""
    if tier >= Tier.T3:
        return dict(attributes)
    general = {declared.name for declared in kind.attributes if declared.grade == "general"}
    return {name: value for name, value in attributes.items() if name in general}
