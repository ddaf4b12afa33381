"""What programs are told of the kinds: declarations as JSON, and OpenAPI schemas made from them when the document is asked for.

Made from `KINDS` on each request, so that a kind added at run time is there at once. Owns no validation:
`app.catalogue.validation` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from flask import Flask
from flask_smorest import Api, Blueprint

from app.catalogue.declaration import AssetKind, Criterion, Dimension, Field, Sort
from app.catalogue.kinds import KINDS
from app.kernel.text import Text
from app.web.shapes import ANYTHING, FLAG, NUMBER, TEXT, WHOLE, choice, many, maybe, named, record

TYPES = {"number": "number", "integer": "integer", "text": "string", "choice": "string", "boolean": "boolean", "date": "string"}
UNIONS = {"AssetAttributes": "Attributes", "AssetCapacity": "Capacity", "NeedRequirements": "Requirements"}


WORDS = record(**{"en": TEXT, "zh-CN": TEXT})
FIELD = named(
    "KindField",
    record(
        name=TEXT,
        label=WORDS,
        type=choice(*TYPES),
        unit=maybe(TEXT),
        required=FLAG,
        minimum=maybe(NUMBER),
        maximum=maybe(NUMBER),
        default=ANYTHING,
        help=maybe(WORDS),
        group=maybe(WORDS),
        grade=TEXT,
        choices=many(record(value=TEXT, label=WORDS)),
    ),
)
KIND = named(
    "Kind",
    record(
        name=TEXT,
        label=WORDS,
        plural=WORDS,
        summary=WORDS,
        geometry=many(TEXT),
        need_geometry=many(TEXT),
        quantity=TEXT,
        attributes=many(FIELD),
        dimensions=many(record(name=TEXT, label=WORDS, sort=TEXT, unit=TEXT, contiguous=FLAG, help=maybe(WORDS))),
        requirements=many(FIELD),
        criteria=many(
            record(
                name=TEXT,
                label=WORDS,
                test=TEXT,
                supply=maybe(TEXT),
                demand=maybe(TEXT),
                per=WHOLE,
                unit=maybe(TEXT),
                weight=NUMBER,
                full_at=maybe(NUMBER),
            )
        ),
        derived=many(record(attribute=TEXT, explanation=WORDS)),
    ),
)


def schema_ref(name: str) -> dict[str, Any]:
    """Metadata of a marshmallow field whose schema is one of `UNIONS`."""
    return {"allOf": [{"$ref": f"#/components/schemas/{name}"}]}


def words(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "zh-CN": text.zh}


def kind_json(kind: AssetKind) -> dict[str, Any]:
    """A declaration, whole: enough to make a form, check values and read a match."""
    return {
        "name": kind.name,
        "label": words(kind.label),
        "plural": words(kind.plural),
        "summary": words(kind.summary),
        "geometry": [str(form) for form in kind.geometry],
        "need_geometry": list(kind.need_geometry),
        "quantity": kind.quantity,
        "attributes": [field_json(field) for field in kind.attributes],
        "dimensions": [_dimension_json(d) for d in kind.dimensions],
        "requirements": [field_json(field) for field in kind.requirements],
        "criteria": [_criterion_json(c) for c in kind.all_criteria],
        "derived": [{"attribute": d.attribute, "explanation": words(d.explanation)} for d in kind.derived],
    }


def field_json(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": words(field.label),
        "type": field.type,
        "unit": field.unit,
        "required": field.required,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "default": field.default,
        "help": words(field.help),
        "group": words(field.group),
        "grade": field.grade,
        "choices": [{"value": choice.value, "label": words(choice.label)} for choice in field.choices],
    }


def _dimension_json(dimension: Dimension) -> dict[str, Any]:
    return {
        "name": dimension.name,
        "label": words(dimension.label),
        "sort": str(dimension.sort),
        "unit": dimension.unit,
        "contiguous": dimension.contiguous,
        "help": words(dimension.help),
    }


def _criterion_json(criterion: Criterion) -> dict[str, Any]:
    return {
        "name": criterion.name,
        "label": words(criterion.label),
        "test": str(criterion.test),
        "supply": criterion.supply,
        "demand": criterion.demand,
        "per": criterion.per,
        "unit": criterion.unit,
        "weight": criterion.weight,
        "full_at": criterion.full_at,
    }


def field_schema(field: Field) -> dict[str, Any]:
    """The JSON Schema of one declared value; None and "" mean not stated."""
    found: dict[str, Any] = {"type": [TYPES[field.type], "null"], "title": field.label.en}
    unit = f" In {field.unit}." if field.unit else ""
    described = f"{field.label.zh}.{unit} {field.help.en if field.help else ''}".strip()
    found["description"] = described
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    found |= {name: limit for name, limit in limits.items() if limit is not None}
    if field.choices:
        found["enum"] = [*(choice.value for choice in field.choices), None]
    if field.type == "date":
        found["format"] = "date"
    if field.unit:
        found["x-unit"] = field.unit
    return found


def _object(fields: Iterable[Field], title: str) -> dict[str, Any]:
    listed = tuple(fields)
    return {
        "type": "object",
        "title": title,
        "additionalProperties": False,
        "properties": {field.name: field_schema(field) for field in listed},
        "required": [field.name for field in listed if field.required],
    }


def _amount(dimension: Dimension) -> Field:
    return Field(
        dimension.name,
        dimension.label,
        "integer" if dimension.sort is Sort.SLOTS else "number",
        dimension.unit,
        minimum=0,
        maximum=dimension.limit,
        help=dimension.help,
    )


def components() -> dict[str, Any]:
    """The OpenAPI schemas of every kind in use, and their unions."""
    found: dict[str, Any] = {}
    for kind in KINDS.all():
        name = "".join(part.capitalize() for part in kind.name.split("_"))
        found[f"{name}Attributes"] = _object(kind.attributes, f"Attributes of a {kind.name}")
        found[f"{name}Capacity"] = _object(
            (_amount(d) for d in kind.dimensions if d.sort is not Sort.LIMIT), f"Capacity of a {kind.name}, by dimension"
        )
        found[f"{name}Requirements"] = _object(kind.requirements, f"Requirements of a need for a {kind.name}")
    unions = {
        union: {
            "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in found if name.endswith(part)],
            "description": "By the kind",
        }
        for union, part in UNIONS.items()
    }
    return found | unions


class KindBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint whose document holds the schemas of the kinds, made anew each time the document is asked for."""

    def register_views_in_doc(self, api: Api, app: Flask, spec: APISpec, **options: Any) -> None:
        super().register_views_in_doc(api, app, spec, **options)
        written = spec.to_dict

        def with_kinds() -> dict[str, Any]:
            document: dict[str, Any] = written()
            parts = document.get("components", {})
            return {**document, "components": {**parts, "schemas": {**parts.get("schemas", {}), **components()}}}

        spec.to_dict = with_kinds  # type: ignore[method-assign]
