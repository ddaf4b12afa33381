"""Every JSON answer of the API that any test gets is held to the shape that the OpenAPI document gives for its route."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from flask import Flask, Response, request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from app.web.openapi import PREFIX
from app.web.shapes import NAMED, answer_of

WRONG: list[str] = []  # of the test that runs
_VALIDATORS: dict[str, Draft202012Validator] = {}
_RIGHT: set[tuple[str, bytes]] = set()  # route and digest of answers that have been held to it: many are given again


def watch(app: Flask) -> None:
    """Look at each answer of `app` before it is sent."""

    @app.after_request
    def look(response: Response) -> Response:
        if request.path.startswith(PREFIX) and request.endpoint and response.status_code < 300:
            fault = fault_of(app, request.endpoint, response)
            if fault:
                WRONG.append(f"{request.method} {request.path} → {response.status_code}: {fault}")
        return response


def fault_of(app: Flask, endpoint: str, response: Response) -> str | None:
    """How an answer differs from what its route declares, or None."""
    if endpoint.endswith(".openapi_json"):
        return None
    declared = answer_of(app, endpoint)
    if declared is None or response.status_code not in declared.statuses:
        return f"declared is {declared and declared.statuses}"
    if declared.shape is None or declared.media != "application/json":
        return None
    seen = (endpoint, blake2b(response.get_data()).digest())
    if seen in _RIGHT:
        return None
    found = best_match(_validator(endpoint, declared.shape).iter_errors(response.get_json()))
    if found is None:
        _RIGHT.add(seen)
        return None
    return f"{found.json_path}: {found.message[:300]}"


def _validator(endpoint: str, shape: dict[str, Any]) -> Draft202012Validator:
    if endpoint not in _VALIDATORS:
        _VALIDATORS[endpoint] = Draft202012Validator({**shape, "components": {"schemas": NAMED}})
    return _VALIDATORS[endpoint]
