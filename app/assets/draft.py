"""What a person or a program states about an asset, and everything that can be wrong with it, found at once. Reads no
database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import shapely

from app.assets.place import geometry_problems, in_wgs84
from app.assets.rules import CONSENTS, GRADES, PROVENANCES, STATUSES
from app.catalogue.declaration import AssetKind, Sort
from app.catalogue.kinds import KINDS
from app.catalogue.validation import is_empty, validate_amounts, validate_values
from app.kernel.errors import Problem, fail
from app.kernel.text import Text

NAME_LIMIT, NUMBER_LIMIT, ADDRESS_LIMIT = 200, 120, 300
FIELD_NAMES: Mapping[str, Text] = {
    "kind": Text("Kind", "类型"),
    "name": Text("Name", "名称"),
    "geometry": Text("Place", "位置"),
    "owner": Text("Owner", "权属单位"),
    "operator": Text("Operator", "运营单位"),
    "owner_ref": Text("Your number for it", "本单位编号"),
    "status": Text("Status", "状态"),
    "available_from": Text("Available from", "可用日期"),
    "address": Text("Address", "地址"),
    "land_consent": Text("Consent for the land", "土地许可"),
    "host_consent": Text("Consent of the host", "依附设施许可"),
    "declared_crs": Text("Coordinate system", "坐标系"),
    "accuracy_m": Text("Accuracy of the place", "位置精度"),
    "grade": Text("Grade", "数据分级"),
    "hosted_by": Text("Stands on", "依附于"),
    "provenance": Text("Provenance", "来源"),
    "region": Text("Region", "行政区划"),
}


@dataclass(frozen=True, slots=True)
class AssetDraft:
    """`geometry` is in `declared_crs`. `owner`, `operator`, `hosted_by`: references. `capacity`: dimension → total in its unit.
    `region` is only read where the owner's region tree has no boundaries to locate by."""

    kind: str
    name: str = ""
    geometry: shapely.Geometry | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    capacity: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None
    operator: str | None = None
    owner_ref: str | None = None
    status: str = "operational"
    available_from: date | None = None
    address: str | None = None
    land_consent: str = "unknown"
    host_consent: str = "unknown"
    declared_crs: str = "EPSG:4326"
    accuracy_m: float | None = None
    grade: str = "general"
    hosted_by: tuple[str, ...] = ()
    provenance: str = "declared"
    assumed: tuple[str, ...] = ()
    region: str | None = None


def kind_named(name: str) -> AssetKind:
    """The kind, or `unknown_kind`."""
    if name not in KINDS:
        raise fail(
            "unknown_kind",
            [Problem("unknown_kind", Text(f"There is no kind “{name}”.", f"没有类型“{name}”。"), pointer="/kind")],
            kind=name,
        )
    return KINDS[name]


def check_draft(draft: AssetDraft, *, pointer: str = "") -> tuple[AssetDraft, tuple[Problem, ...]]:
    """The draft as it would be stored (values parsed, geometry in WGS-84) and every problem; the draft is only good without
    problems."""
    kind = kind_named(draft.kind)
    attributes, wrong_values = validate_values(kind.attributes, draft.attributes, f"{pointer}/attributes")
    consumable = [d for d in kind.dimensions if d.sort is not Sort.LIMIT]
    capacity, wrong_amounts = validate_amounts(consumable, draft.capacity, f"{pointer}/capacity")
    geometry, wrong_place = _place(kind, draft, pointer)
    clean = replace(
        draft,
        name=draft.name.strip(),
        attributes=attributes,
        capacity=capacity,
        geometry=geometry,
        owner_ref=_trimmed(draft.owner_ref),
        address=_trimmed(draft.address),
        assumed=tuple(name for name in draft.assumed if name in {**attributes, **capacity}),
    )
    return clean, (*_own_problems(clean, pointer), *wrong_place, *wrong_values, *wrong_amounts)


def _trimmed(words: str | None) -> str | None:
    return None if is_empty(words) else str(words).strip()


def _place(kind: AssetKind, draft: AssetDraft, pointer: str) -> tuple[shapely.Geometry | None, list[Problem]]:
    if draft.geometry is None or draft.geometry.is_empty:
        return None, [replace(p, pointer=pointer + (p.pointer or "")) for p in geometry_problems(kind, None)]
    geometry, problem = in_wgs84(draft.geometry, draft.declared_crs)
    problems = [problem] if problem is not None else list(geometry_problems(kind, geometry))
    return geometry, [replace(p, pointer=pointer + (p.pointer or "")) for p in problems]


def _own_problems(draft: AssetDraft, pointer: str) -> Iterator[Problem]:
    if not draft.name:
        yield Problem("required", Text("Give it a name.", "请填写名称。"), pointer=f"{pointer}/name")
    for name, limit in (("name", NAME_LIMIT), ("owner_ref", NUMBER_LIMIT), ("address", ADDRESS_LIMIT)):
        words = getattr(draft, name) or ""
        if len(words) > limit:
            yield Problem(
                "text_long", Text(f"At most {limit} characters.", f"最多 {limit} 个字符。"), pointer=f"{pointer}/{name}"
            )
        elif not words.isprintable():
            yield Problem(
                "text_control",
                Text("It holds a character that cannot be printed.", "含有不可打印字符。"),
                pointer=f"{pointer}/{name}",
            )
    for name, table in (
        ("status", STATUSES),
        ("land_consent", CONSENTS),
        ("host_consent", CONSENTS),
        ("grade", GRADES),
        ("provenance", PROVENANCES),
    ):
        if getattr(draft, name) not in table:
            known = Text(", ".join(t.en for t in table.values()), "、".join(t.zh for t in table.values()))
            yield Problem(
                "not_choice",
                Text("Choose one of: {known}.", "请选择：{known}。").format(known=known),
                pointer=f"{pointer}/{name}",
            )
    if draft.accuracy_m is not None and not 0 <= draft.accuracy_m <= 100_000:
        yield Problem("too_high", Text("From 0 to 100,000 m.", "取值 0 至 100,000 m。"), pointer=f"{pointer}/accuracy_m")
