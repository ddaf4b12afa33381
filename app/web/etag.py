"""Optimistic concurrency at the edge: strong ETags from the row version, If-Match on every change (428, 412)."""

from __future__ import annotations

from flask import Response, request

from app.kernel.errors import fail


def etag(version: int) -> str:
    return f'"{version}"'


def expected_version() -> int:
    """The version that the caller saw, from If-Match. Raises `version_required` or `stale_version` when it is no version of
    ours."""
    header = request.headers.get("If-Match")
    if header is None:
        raise fail("version_required")
    raw = header.strip().removeprefix("W/").strip('"')
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 18):
        raise fail("stale_version")
    return int(raw)


def tagged(response: Response, version: int) -> Response:
    response.headers["ETag"] = etag(version)
    return response
