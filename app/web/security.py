"""Headers that every answer carries, and the request's own id."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def init(app: Flask) -> None:
    app.before_request(_name_request)
    app.after_request(_protect)


def _name_request() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if 8 <= len(given) <= 40 and given.replace("-", "").isalnum() else secrets.token_hex(8)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "private, no-cache")
    return response
