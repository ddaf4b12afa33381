"""What the OpenAPI document says beyond the schemas of input: who may call, with which credentials and headers, and what is
answered.

Made from the route map and the declared policies when the document is asked for. Owns no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.routing import Rule

from app.kernel.permission import REGISTRY, Policy, Relation
from app.web.errors import MOST_PLACES
from app.web.policy import policy_of
from app.web.shapes import NAMED, answer_of

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}]
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API token."},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Any user name, the API token as the password: for QGIS and GDAL.",
    },
}
SAID = {
    200: "Done.",
    201: "Made; its address is in Location.",
    202: "Queued; follow the address in Location.",
    204: "Done; nothing to say.",
}
METHODS = ("get", "put", "post", "delete", "patch")
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 120},
    "description": "The first answer to this key is kept and replayed to the same request; another body is 422.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "maxLength": 24},
    "description": "The ETag that you saw. What has versions answers 428 without it and 412 when it is stale.",
}
PLACE = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer into the body"},
        "sheet": {"type": "string"},
        "row": {"type": "integer"},
        "column": {"type": "string"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457; the codes are in docs/errors.md.",
    "required": ["type", "code", "title", "status", "detail", "instance", "request_id", "errors", "more_errors"],
    "properties": {
        "type": {"type": "string"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "in the language of Accept-Language: en or zh-CN"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": PLACE, "maxItems": MOST_PLACES},
        "more_errors": {"type": "integer", "description": "how many more places are wrong than `errors` names"},
    },
}


def init(api: Api, app: Flask) -> None:
    """Complete the document each time it is written."""
    written = api.spec.to_dict
    api.spec.to_dict = lambda: finished(deepcopy(written()), app)


def finished(document: dict[str, Any], app: Flask) -> dict[str, Any]:
    """The document with credentials, headers, answers and policies of every operation."""
    routes = {(shape(rule), method.lower()): rule for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                item[method] = _operation(item[method], method, routes[path, method], app)
    parts = document["components"]
    parts["schemas"].pop("Error", None)
    parts["schemas"] |= NAMED
    parts["schemas"]["Problem"] = PROBLEM_SCHEMA
    parts["responses"] = {
        "Problem": {"description": "What is wrong.", "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    }
    parts["securitySchemes"] = SCHEMES
    return {**document, "security": SECURITY, "servers": [{"url": "/"}]}


def shape(rule: Rule) -> str:
    """A route as OpenAPI writes it: `/assets/<ref>/<any(a, b):action>` → `/assets/{ref}/{action}`."""
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule)


def _operation(operation: dict[str, Any], method: str, rule: Rule, app: Flask) -> dict[str, Any]:
    declared = REGISTRY[policy_of(app, rule.endpoint) or "site.use"]
    made = {**operation, "operationId": rule.endpoint, "responses": _answers(rule.endpoint, app)}
    parameters, body = _form_apart(operation.get("parameters", []), operation.get("requestBody"))
    parameters += [IF_MATCH] * (method in ("put", "patch") or (method == "post" and "ref" in rule.arguments))
    parameters += [IDEMPOTENCY] * (method == "post")
    if parameters:
        made["parameters"] = parameters
    if body is not None:
        made["requestBody"] = body
    return {**made, **_who(declared)}


def _who(declared: Policy) -> dict[str, Any]:
    if Relation.ANYONE in declared.relations:
        return {"security": []}
    return {"security": SECURITY, "x-policy": declared.name, "x-token-scope": declared.token_scope}


def _answers(endpoint: str, app: Flask) -> dict[str, Any]:
    answer, found = answer_of(app, endpoint), {}
    for status in answer.statuses if answer else ():
        content = {"content": {answer.media: {"schema": answer.shape}}} if answer and answer.shape else {}
        found[str(status)] = {"description": SAID[status], **content}
    return {**found, "default": {"$ref": "#/components/responses/Problem"}}


def _form_apart(
    parameters: list[dict[str, Any]], body: dict[str, Any] | None
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """OpenAPI 3 knows no parameters in forms: they are properties of the body, beside its files."""
    fields = [parameter for parameter in parameters if parameter["in"] == "formData"]
    if not fields:
        return list(parameters), body
    properties = {field["name"]: field["schema"] | _described(field) for field in fields}
    required = [field["name"] for field in fields if field.get("required")]
    form = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    parts = [form, *_schemas(body or {})]
    whole = {"multipart/form-data": {"schema": parts[0] if len(parts) == 1 else {"allOf": parts}}}
    return [p for p in parameters if p["in"] != "formData"], {"required": True, "content": whole}


def _described(field: dict[str, Any]) -> dict[str, Any]:
    return {"description": field["description"]} if "description" in field else {}


def _schemas(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for media in body.get("content", {}).values():
        if "schema" in media:
            yield media["schema"]
