"""The room of assets: the register of physical things. What other rooms may use is exported here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.assets.capacity import book as capacity_book
from app.assets.capacity import install as install_capacity_book
from app.assets.draft import FIELD_NAMES, AssetDraft, check_draft, kind_named
from app.assets.facts import facts_of, subject_of
from app.assets.form_parts import SHOWN_AGAIN, asset_form_parts, form_labels
from app.assets.forms import FormReader, amount_fields, part_values, place_errors, read_draft
from app.assets.locating import cell_regions_of, region_of, regions_of
from app.assets.models import Asset, AssetHost
from app.assets.queries import (
    AssetDetail,
    AssetFilter,
    asset_detail,
    asset_row,
    detail_of,
    draft_of,
    list_assets,
    shown_effective,
)
from app.assets.rules import CONSENTS, GRADES, LIFE, OPENABLE, PROVENANCES, STATUSES
from app.assets.schemas import (
    ASSET,
    FACE_WITH_ATTRIBUTES,
    ORGANISATION_NAME,
    AssetIn,
    asset_json,
    draft_from,
    face_json,
    organisation_json,
)
from app.assets.service import (
    EditAsset,
    MoveAsset,
    add_asset,
    change_asset,
    edit_asset,
    load,
    move_along,
    move_asset,
    register_asset,
    reschedule,
    set_public_tier,
    snapshot,
)
from app.assets.words import register_words
from app.catalogue import derive
from app.catalogue.declaration import AssetKind
from app.catalogue.profiles import get_profile


def effective_attributes(kind: AssetKind, attributes: Mapping[str, Any], profile: str | None) -> dict[str, Any]:
    """`catalogue.derive.effective_attributes` by the code of the profile of the owner's jurisdiction."""
    return derive.effective_attributes(kind, attributes, None if profile is None else get_profile(profile))


__all__ = [
    "ASSET",
    "CONSENTS",
    "FACE_WITH_ATTRIBUTES",
    "FIELD_NAMES",
    "GRADES",
    "LIFE",
    "OPENABLE",
    "ORGANISATION_NAME",
    "PROVENANCES",
    "SHOWN_AGAIN",
    "STATUSES",
    "Asset",
    "AssetDetail",
    "AssetDraft",
    "AssetFilter",
    "AssetHost",
    "AssetIn",
    "EditAsset",
    "FormReader",
    "MoveAsset",
    "add_asset",
    "amount_fields",
    "asset_detail",
    "asset_form_parts",
    "asset_json",
    "asset_row",
    "capacity_book",
    "cell_regions_of",
    "change_asset",
    "check_draft",
    "detail_of",
    "draft_from",
    "draft_of",
    "edit_asset",
    "effective_attributes",
    "face_json",
    "facts_of",
    "form_labels",
    "install_capacity_book",
    "kind_named",
    "list_assets",
    "load",
    "move_along",
    "move_asset",
    "organisation_json",
    "part_values",
    "place_errors",
    "read_draft",
    "region_of",
    "regions_of",
    "register_asset",
    "register_words",
    "reschedule",
    "set_public_tier",
    "shown_effective",
    "snapshot",
    "subject_of",
]
