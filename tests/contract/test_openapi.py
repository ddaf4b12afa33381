"""The OpenAPI document is valid, whole and true: every route of the API is in it, and generated input never makes a 5xx or
an answer that it does not describe."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.catalogue.kinds import KINDS
from app.db.work import Bus
from app.web.openapi import METHODS, PREFIX, shape
from tests.support import programs as by
from tests.support.programs import Program, Programs

EXAMPLES = 2  # of each operation, by each of two programs
# what is stored as it was sent or declared elsewhere: its shape is not this document's
# checked by the declarations of the kinds (app.catalogue.validation), which have their own limits
DECLARED = {"AssetAttributes", "AssetCapacity", "NeedRequirements"}
DECLARED_ELSEWHERE = [
    "AgreementVersion.changes[].after",
    "AgreementVersion.changes[].before",
    "AgreementVersionWhole.changes[].after",
    "AgreementVersionWhole.changes[].before",
    "AgreementVersionWhole.content",
    "Approval.changed[].after",
    "Approval.changed[].before",
    "Approval.content",
    "Approval.content_changed[].after",
    "Approval.content_changed[].before",
    "Approval.ledger",
    "BulkChange.wanted",
    "BulkChangeItem.after",
    "BulkChangeItem.before",
    "ImportColumns.results[].default",
    "KindField.default",
]
STRINGS = (
    "",
    "x",
    "0" * 13,
    "tower",
    "2027-01-01",
    "440300",
    "CNY",
    "T1",
    "mine",
    "open",
    "深圳",
    "a" * 5000,
    "\x00",
    "%",
    "1e400",
    "-1",
    "../..",
    "NaN",
    "'\"",
)
NUMBERS: tuple[Any, ...] = (0, 1, -1, 2, 50, 1.5, -0.0, 2**31, 2**63, 10**30, 1e308)
GEOMETRIES: tuple[Any, ...] = (
    {"type": "Point", "coordinates": [114.0579, 22.5431]},
    {"type": "Point", "coordinates": [1e9, -1e9]},
    {"type": "Point", "coordinates": []},
    {"type": "LineString", "coordinates": [[114, 22], [114.1, 22.1]]},
    {"type": "Polygon", "coordinates": [[[114, 22], [115, 22]]]},
    {"type": "Nowhere"},
    {"type": "Polygon", "coordinates": [[[114, 22], [115, 23], [115, 22], [114, 23], [114, 22]]]},
    {"type": "Point", "coordinates": ["a", None]},
)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def test_it_is_valid_openapi_3_1(app: Flask, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert app.test_client().get(f"{PREFIX}/openapi.json").get_json() == document, "asked again, it is the same"
    assert [f"{list(e.absolute_path)}: {e.message[:200]}" for e in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_route_of_the_api_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (shape(rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(PREFIX) and method not in ("HEAD", "OPTIONS") and not rule.endpoint.endswith(".openapi_json")
    }
    assert routes == {(path, method) for path, method, _ in operations(document)}


def test_every_operation_says_who_what_and_what_comes_back(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "basic"}
    for path, method, operation in operations(document):
        place = f"{method} {path}"
        public = operation["security"] == []
        assert public == path.startswith((f"{PREFIX}/kinds", f"{PREFIX}/verify")), place
        assert public or {next(iter(one)) for one in operation["security"]} == {"bearer", "basic"}, place
        assert public or (operation["x-policy"] and operation["x-token-scope"] in ("read", "write", "session")), place
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, place
        assert any(status.startswith("2") and answer["description"] for status, answer in operation["responses"].items()), place
        named = {
            parameter["name"] for parameter in [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]
        }
        assert set(re.findall(r"{(\w+)}", path)) <= named, place
        if method in ("put", "patch"):
            assert operation["requestBody"]["content"], place


def test_every_answer_has_a_shape_of_its_own(document: dict[str, Any]) -> None:
    """Down to the last property: nothing is described as just some object, save what a declaration names."""
    schemas, vague = document["components"]["schemas"], []

    def walk(shape: dict[str, Any], place: str, seen: tuple[str, ...] = ()) -> None:
        name = shape.get("$ref", "").rpartition("/")[2]
        if name:
            if name not in seen:
                walk(schemas[name], name, (*seen, name))
        elif shape == {"type": "object"} or not shape:
            vague.append(place)
        for inner in shape.get("anyOf", ()):
            walk(inner, place, seen)
        for key, inner in shape.get("properties", {}).items():
            walk(inner, f"{place}.{key}", seen)
        for key in ("items", "additionalProperties"):
            if isinstance(shape.get(key), dict):
                walk(shape[key], f"{place}[]", seen)

    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                for media, content in answer.get("content", {}).items():
                    if media == "application/json":
                        walk(content["schema"], f"{method} {path}")
    assert sorted(set(vague)) == DECLARED_ELSEWHERE


def test_the_kinds_are_in_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for kind in KINDS.all():
        name = kind.name.capitalize()
        assert set(schemas[f"{name}Attributes"]["properties"]) == {field.name for field in kind.attributes}
        assert set(schemas[f"{name}Requirements"]["properties"]) == {field.name for field in kind.requirements}
        assert {"$ref": f"#/components/schemas/{name}Attributes"} in schemas["AssetAttributes"]["anyOf"]


class Maker:
    """Input made from a schema: mostly fitting, often odd. The same seed makes the same input."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self.schemas, self.dice = document["components"]["schemas"], random.Random(seed)

    def value(self, schema: dict[str, Any], depth: int = 0) -> Any:
        if self.dice.random() < 0.08:
            return self.dice.choice((None, [], {}, *STRINGS, *NUMBERS, True))
        if "$ref" in schema:
            return self.value(self.schemas[schema["$ref"].rpartition("/")[2]], depth + 1)
        for mix in ("anyOf", "oneOf", "allOf"):
            if schema.get(mix):
                return self.value(self.dice.choice(schema[mix]), depth + 1)
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        return self._plain(schema, depth)

    def _plain(self, schema: dict[str, Any], depth: int) -> Any:
        types = schema.get("type", "object")
        match self.dice.choice(types) if isinstance(types, list) else types:
            case "object" if "GeoJSON" in schema.get("description", ""):
                return self.dice.choice(GEOMETRIES)
            case "object":
                return self._object(schema, depth)
            case "array":
                return [self.value(schema.get("items", {}), depth + 1) for _ in range(self.dice.choice((0, 1, 2)))]
            case "integer" | "number":
                return self.dice.choice(NUMBERS)
            case "boolean":
                return self.dice.random() < 0.5
            case "null":
                return None
            case _:
                date = schema.get("format") == "date" and self.dice.random() < 0.7
                return f"20{self.dice.randrange(26, 36)}-0{self.dice.randrange(1, 9)}-01" if date else self.dice.choice(STRINGS)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        known = {
            name: self.value(inner, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if depth < 8 and (self.dice.random() < (0.95 if name in required else 0.4))
        }
        return known | ({self.dice.choice(("platform", "load_kg", "x")): self.dice.choice(NUMBERS)} if not known else {})


@pytest.fixture
def scene(app: Flask, bus: Bus) -> tuple[Programs, dict[str, list[str]]]:
    """Programs, and ids of things that are there, by the segment of the path before them."""
    from tests.integration.main_job.test_tower_by_api import LISTING, NEED

    programs = by.shenzhen(app, bus)
    listing = programs.owner.send("/listings", LISTING, status=201)
    round_ = by.open_round(programs)
    need = programs.requester.send("/needs", {**NEED, "needs_list": round_.rpartition("/")[2]}, status=201)["id"]
    by.publish_round(programs, round_)
    run = by.match(programs)["id"]
    request = programs.requester.send("/access-requests", {"need": need, "listing": listing["id"], "submit": True}, status=201)[
        "id"
    ]
    by.offered(programs, f"/access-requests/{request}")
    agreement = by.drafted(programs, f"/access-requests/{request}")
    by.sign_and_submit(programs, agreement)
    task = programs.regulator.get("/approvals")["results"][0]["id"]
    return programs, {
        "listings": [listing["id"]],
        "assets": [listing["asset"]["id"]],
        "needs": [need],
        "needs-lists": [round_.rpartition("/")[2]],
        "match-runs": [run],
        "access-requests": [request],
        "agreements": [agreement.rpartition("/")[2]],
        "approvals": [task],
        "matches": [listing["id"]],
        "organisations": [programs.owner.organisation],
        "kinds": ["tower"],
        "versions": ["1"],
        "notices": [notice["id"] for notice in programs.owner.get("/notices")["results"]],
    }


def filled(path: str, ids: dict[str, list[str]], dice: random.Random, enums: dict[str, list[str]]) -> str:
    parts = path.split("/")
    for n, part in enumerate(parts):
        if part.startswith("{"):
            choices = enums.get(part[1:-1]) or ids.get(parts[n - 1], []) or ["0" * 13]
            parts[n] = dice.choice(choices) if dice.random() < 0.9 else "0" * 13
    return "/".join(parts)


def call(who: Program, path: str, method: str, operation: dict[str, Any], maker: Maker) -> Any:
    query = {
        p["name"]: maker.value(p.get("schema", {}))
        for p in operation.get("parameters", [])
        if p["in"] == "query" and maker.dice.random() < 0.4
    }
    query = {name: value for name, value in query.items() if value is not None}
    headers = (
        {"If-Match": maker.dice.choice(('"1"', '"2"', '"x"', "*", '"99999999999999999999"'))} if maker.dice.random() < 0.8 else {}
    )
    if method == "post" and maker.dice.random() < 0.3:
        headers["Idempotency-Key"] = maker.dice.choice(("a", "k" * 120))
    options: dict[str, Any] = {}
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        body = maker.value(content.get("schema", {}))
        if media == "application/json":
            options = {"json": body}
        elif isinstance(body, dict):
            options = {"data": {k: str(v) for k, v in body.items()}, "content_type": media}
    return who.client.open(path, method=method.upper(), query_string=query, headers=headers, **options)


@pytest.mark.slow
def test_generated_input_is_answered_as_described(
    app: Flask, scene: tuple[Programs, dict[str, list[str]]], document: dict[str, Any]
) -> None:
    programs, ids = scene
    wrong: list[str] = []
    asked = done = 0
    for number, (path, method, operation) in enumerate(operations(document)):
        enums = {
            p["name"]: p["schema"]["enum"] for p in document["paths"][path].get("parameters", []) if "enum" in p.get("schema", {})
        }
        for name in ("owner", "administration"):
            maker = Maker(document, number)
            for _ in range(EXAMPLES):
                answer = call(getattr(programs, name), filled(path, ids, maker.dice, enums), method, operation, maker)
                asked, done = asked + 1, done + (answer.status_code < 300)
                described = str(answer.status_code) in operation["responses"] or answer.mimetype == "application/problem+json"
                if answer.status_code >= 500 or not described:
                    wrong.append(
                        f"{name}: {method} {answer.request.url} → {answer.status_code} {answer.mimetype} {answer.text[:300]}"
                    )
    assert not wrong, "\n".join([f"{len(wrong)} of {asked}", *wrong[:40]])
    assert done > asked / 10, "the input is not all nonsense"


def bounded(schema: dict[str, Any], schemas: dict[str, Any], place: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Places of a body's schema where a program may send what has no upper limit."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in seen or name in DECLARED or ({"$ref"} & set(schema) and not name):
        return
    if name:
        yield from bounded(schemas[name], schemas, place, seen | {name})
        return
    for mix in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(mix, ()):
            yield from bounded(inner, schemas, place, seen)
    types = schema.get("type", ())
    types = {types} if isinstance(types, str) else set(types)
    closed = {"enum", "pattern", "format"} & set(schema)
    if types & {"integer", "number"} and not {"minimum", "maximum"} <= set(schema) and not closed:
        yield f"{place}: a number without limits"
    if "string" in types and "maxLength" not in schema and not closed:
        yield f"{place}: text without a limit"
    if "array" in types and "maxItems" not in schema:
        yield f"{place}: a list without a limit"
    for key, inner in schema.get("properties", {}).items():
        yield from bounded(inner, schemas, f"{place}/{key}", seen)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from bounded(schema[key], schemas, f"{place}/*", seen)


def test_whatever_is_sent_has_an_upper_limit(document: dict[str, Any]) -> None:
    schemas, wrong = document["components"]["schemas"], []
    for path, method, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            wrong += bounded(content["schema"], schemas, f"{method} {path} {media}")
        for parameter in operation.get("parameters", []):
            wrong += bounded(parameter.get("schema", {}), schemas, f"{method} {path}?{parameter['name']}")
    assert not wrong, "\n".join(wrong)
