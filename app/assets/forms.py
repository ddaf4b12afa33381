"""The form of an asset: made from its kind's declaration, read into an `AssetDraft`, and filled again from what is stored.

Names of controls are JSON pointers with dots, under a prefix, so that every problem finds its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.assets.draft import AssetDraft
from app.catalogue.declaration import AssetKind, Dimension, Field, Sort
from app.kernel.errors import Problem
from app.kernel.text import Text
from app.web.placeform import parse_place, place_values, typed_crs, typed_number


def amount_fields(dimensions: Iterable[Dimension], group: Text) -> tuple[Field, ...]:
    """Capacity dimensions as fields of a form."""
    return tuple(
        Field(
            d.name,
            d.label,
            "integer" if d.sort is Sort.SLOTS else "number",
            d.unit,
            minimum=0,
            maximum=d.limit,
            help=d.help,
            group=group,
        )
        for d in dimensions
        if d.sort is not Sort.LIMIT
    )


@dataclass
class FormReader:
    """Collects values and problems of one form."""

    form: Mapping[str, str]
    prefix: str = ""
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.form.get(self.prefix + name, "").strip()

    def wrong(self, name: str, en: str, zh: str) -> None:
        self.problems.append(Problem("invalid", Text(en, zh), pointer="/" + (self.prefix + name).replace(".", "/")))

    def day(self, name: str) -> date | None:
        raw = self.text(name)
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self.wrong(name, "Give a date as year-month-day.", "请按 年-月-日 填写日期。")
            return None

    def number(self, name: str) -> float | None:
        raw = self.text(name)
        if not raw:
            return None
        found = typed_number(raw)
        if found is None:
            self.wrong(name, "Give a number.", "请填写数字。")
        return found

    def values(self, part: str, names: Iterable[str]) -> dict[str, str]:
        """What was typed under `part`, empty ones too: an emptied field is taken away."""
        return {name: self.text(f"{part}.{name}") for name in names if f"{self.prefix}{part}.{name}" in self.form}


def read_draft(
    form: Mapping[str, str], hosts: Iterable[str], kind: AssetKind, prefix: str = ""
) -> tuple[AssetDraft, list[Problem]]:
    """The draft as typed, and what could not be read; what is read may still be refused by the rules."""
    reading = FormReader(form, prefix)
    place, problems = parse_place(form, prefix, crs_name="declared_crs", converts=False)
    reading.problems += [Problem(p.code, p.detail, pointer=(p.pointer or "").replace(".", "/")) for p in problems]
    added = reading.text("add_host").split(" ")[0].lower()
    draft = AssetDraft(
        kind=kind.name,
        name=reading.text("name"),
        geometry=place.geometry if place else None,
        attributes=reading.values("attributes", [f.name for f in kind.attributes]),
        capacity=reading.values("capacity", [d.name for d in kind.dimensions]),
        owner=reading.text("owner") or None,
        owner_ref=reading.text("owner_ref") or None,
        status=reading.text("status") or "operational",
        available_from=reading.day("available_from"),
        address=reading.text("address") or None,
        land_consent=reading.text("land_consent") or "unknown",
        host_consent=reading.text("host_consent") or "unknown",
        declared_crs=typed_crs(form, prefix, "declared_crs"),
        accuracy_m=reading.number("accuracy_m"),
        grade=reading.text("grade") or "general",
        hosted_by=(*hosts, *([added] if added else [])),
    )
    return draft, reading.problems


def stored_values(draft: AssetDraft, prefix: str = "") -> dict[str, Any]:
    """The form's values for what is stored; the place is in WGS-84 whatever was declared."""
    plain = ("name", "owner", "owner_ref", "status", "address", "land_consent", "host_consent", "accuracy_m", "grade")
    found: dict[str, Any] = {name: getattr(draft, name) for name in plain}
    found["available_from"] = draft.available_from.isoformat() if draft.available_from else ""
    if draft.geometry is not None:
        form = {"Point": "point", "LineString": "line", "MultiLineString": "line"}.get(draft.geometry.geom_type, "area")
        found |= place_values(form, draft.geometry, 0.0)
    found |= {f"attributes.{name}": value for name, value in draft.attributes.items()}
    found |= {f"capacity.{name}": value for name, value in draft.capacity.items()}
    return {prefix + name: value for name, value in found.items()}


def part_values(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The values under a prefix, by the name that follows it."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def place_errors(errors: dict[str, str], shape: str, prefix: str = "") -> dict[str, str]:
    """A fault of the geometry stands at the field that was typed."""
    found = dict(errors)
    if any(prefix + name in found for name in ("lon", "lat", "wkt", "paste", "crs_other")):
        found.pop(f"{prefix}geometry", None)  # it is missing because it could not be read
    if f"{prefix}geometry" in found:
        found[prefix + ("wkt" if shape in ("line", "area") else "lon")] = found.pop(f"{prefix}geometry")
    return found
