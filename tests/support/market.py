"""Actors and drafts for tests of the register and its listings."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely

from app.accounts.models import Organisation
from app.assets import AssetDraft
from app.kernel.actor import Actor, Competence, Role
from app.listings import ListingTerms

SHENZHEN = shapely.Point(114.0579, 22.5431)


def acting(organisation: Organisation, *roles: Role, below: tuple[Organisation, ...] = (), **more: Any) -> Actor:
    """Somebody who acts for `organisation`, a manager unless told otherwise."""
    return Actor(
        user_id=None if more.get("is_system") else organisation.id, user_ref=f"u{organisation.ref[1:]}", name=f"{organisation.name} person",
        organisation_id=organisation.id, organisation_ref=organisation.ref, organisation_name=organisation.name, sector=organisation.sector,
        roles=frozenset(roles or (Role.MANAGER,)), subtree=frozenset({organisation.id, *(o.id for o in below)}), **more,
    )


def administration(organisation: Organisation, *regions: str) -> Actor:
    held = Competence(organisation.id, "communications", "province", frozenset(), frozenset(regions))
    return acting(organisation, Role.OFFICER, competences=(held,))


def sector_regulator(organisation: Organisation, sector: str, *regions: str) -> Actor:
    held = Competence(organisation.id, "sector", "province", frozenset({sector}), frozenset(regions))
    return acting(organisation, Role.OFFICER, competences=(held,))


def tower_draft(**more: Any) -> AssetDraft:
    values: dict[str, Any] = {
        "kind": "tower", "name": "Shennan 12", "geometry": SHENZHEN, "owner_ref": None,
        "attributes": {"structure": "monopole", "structure_height_m": 35}, "capacity": {"platform": 3, "load_kg": 400},
    } | more
    return AssetDraft(**values)


def terms(**more: Any) -> ListingTerms:
    values: dict[str, Any] = {"title": "Platforms on a monopole", "window_start": date(2026, 7, 1), "price_minor": 1_200_000} | more
    return ListingTerms(**values)
