"""What every form of an asset shows beside the values: names of its fields, parts made from the declaration, refusals shown in
place."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.assets.forms import amount_fields, part_values
from app.assets.queries import host_choices
from app.catalogue.declaration import AssetKind
from app.kernel.text import Text
from app.web.execute import ask
from app.web.formatting import in_groups, place_label
from app.web.i18n import current_locale

PLACE_FIELDS = ("shape", "lon", "lat", "radius_m", "wkt", "paste", "declared_crs", "crs_other")
CAPACITY = Text("Capacity in all", "总容量")
SHOWN_AGAIN = (
    "invalid",
    "stale_version",
    "owner_ref_taken",
    "host_cycle",
    "capacity_in_use",
    "slots_only_whole",
    "total_too_high",
    "illegal_transition",
    "datum_outside_china",
)


def form_labels(kind: AssetKind, prefix: str = "") -> dict[str, str]:
    """What the error summary calls each field, in the order of the form."""
    locale = current_locale()
    found = {
        "owner": _("Owner"),
        "name": _("Name"),
        "owner_ref": _("Your own number for it"),
        "status": _("Status"),
        "available_from": _("Available from"),
        **{name: place_label(name) or name for name in PLACE_FIELDS},
        "accuracy_m": _("Accuracy of the place"),
        "address": _("Address"),
        **{f"attributes.{f.name}": f.label.in_(locale) for f in in_groups(kind.attributes)},
        **{f"capacity.{d.name}": d.label.in_(locale) for d in kind.dimensions},
        "hosted_by": _("Stands on"),
        "add_host": _("Stands on"),
        "land_consent": _("Consent for the land"),
        "host_consent": _("Consent of the host"),
        "grade": _("Grade"),
    }
    return {prefix + name: label for name, label in found.items()}


def asset_form_parts(kind: AssetKind, values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """What the shared fields of an asset need, in either form."""
    return {
        "kind": kind,
        "asset_prefix": prefix,
        "shapes": [str(form) for form in kind.geometry],
        "capacity_fields": amount_fields(kind.dimensions, CAPACITY),
        "attribute_values": part_values(values, f"{prefix}attributes."),
        "capacity_values": part_values(values, f"{prefix}capacity."),
        "place_values": part_values(values, prefix),
        "host_options": ask(host_choices, ""),
    }
