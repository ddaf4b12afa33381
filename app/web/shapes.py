"""The shapes of answers: what the API sends back, as JSON Schema under a name in the OpenAPI document.

A feature states its shapes beside the functions that make the JSON, and a route says which it answers: `@answers(LISTING)`.
Tests hold every answer that they see to them. Owns no value: the functions that make the JSON do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from app.web.pagination import MAX_LIMIT

F = TypeVar("F", bound=Callable[..., Any])
Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
NUMBER: Shape = {"type": "number"}
WHOLE: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
REF: Shape = {"type": "string", "pattern": "^[0-9a-z]{13}$", "description": "id, as in addresses"}
DAY: Shape = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
MOMENT: Shape = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}T[0-9:.]+(\+00:00|Z)$"}
MINOR: Shape = {"type": "integer", "description": "money in minor units of the currency"}
CURRENCY: Shape = {"type": "string", "pattern": "^[A-Z]{3}$"}
HASH: Shape = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256"}
LINK: Shape = {"type": "string", "pattern": "^/"}
ANYTHING: Shape = {}
FREE: Shape = {"type": "object"}  # as it was stored
VALUES: Shape = {  # names and types are what the kind declares: /api/v1/kinds
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
GEOMETRY: Shape = {
    "type": "object",
    "description": "GeoJSON geometry, WGS-84 longitude and latitude",
    "required": ["type", "coordinates"],
    "properties": {"type": TEXT, "coordinates": {"type": "array"}},
}
BYTES: Shape = {"type": "string", "format": "binary"}
NAMED: dict[str, Shape] = {}


def choice(*values: str) -> Shape:
    return {"type": "string", "enum": list(values)}


def many(item: Shape) -> Shape:
    return {"type": "array", "items": item}


def by_name(value: Shape) -> Shape:
    return {"type": "object", "additionalProperties": value}


def maybe(shape: Shape) -> Shape:
    """The shape, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def record(optional: Mapping[str, Shape] | None = None, **properties: Shape) -> Shape:
    """An object with exactly these properties; those in `optional` may be left out."""
    return {
        "type": "object",
        "required": sorted(properties),
        "properties": {**properties, **(optional or {})},
        "additionalProperties": False,
    }


def named(name: str, shape: Shape) -> Shape:
    """A reference to the shape, which the document holds under its name. A name belongs to one shape."""
    if NAMED.setdefault(name, shape) != shape:
        raise ValueError(f"two shapes are called {name}")
    return {"$ref": f"#/components/schemas/{name}"}


def extended(base: Shape, name: str, optional: Mapping[str, Shape] | None = None, **properties: Shape) -> Shape:
    """A named record with everything of another named one, and more."""
    known = NAMED[base["$ref"].rpartition("/")[2]]
    required = set(known["required"])
    own = {key: value for key, value in known["properties"].items() if key in required}
    left_out = {key: value for key, value in known["properties"].items() if key not in required}
    return named(name, record({**left_out, **(optional or {})}, **{**own, **properties}))


def page(item: Shape) -> Shape:
    """A list of the API."""
    address = {"type": ["string", "null"], "description": "address of that page"}
    return record(count=WHOLE, next=address, previous=address, results={**many(item), "maxItems": MAX_LIMIT})


PARTY = named("Party", record(id=REF, name=TEXT))
MADE = named("Made", record(id=REF))
MOVED = named("Moved", record(id=REF, version=WHOLE))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route answers when it succeeds. `statuses`: all with the same body."""

    shape: Shape | None
    statuses: tuple[int, ...]
    media: str


def answers(shape: Shape | None, *statuses: int, media: str = "application/json") -> Callable[[F], F]:
    """Declare what a view function answers, below its policy: `@answers(LISTING)`, `@answers(MADE, 201)`, `@answers(None, 204)`."""

    def mark(view: F) -> F:
        view.__answer__ = Answer(shape, statuses or (200,), media)  # type: ignore[attr-defined]
        return view

    return mark


def answer_of(app: Flask, endpoint: str) -> Answer | None:
    """What the route declares; None for one that declares nothing (tests/contract names it)."""
    return getattr(app.view_functions[endpoint], "__answer__", None)
