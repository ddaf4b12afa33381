"""Lists of the API: `{"count", "next", "previous", "results"}` with RFC 8288 links; keyset cursors that stay quick on deep
pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from flask import Response, current_app, request, url_for

from app.kernel.errors import fail

T = TypeVar("T")
MAX_LIMIT = 1000
PADDED = 32


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `after`/`before`: the sort key of the last and first row shown, when there is more that way."""

    results: Sequence[T]
    count: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What part of a list is asked for: at most one of the cursors is set."""

    limit: int = 50
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None


def pack(key: tuple[Any, ...]) -> str:
    """A cursor of this list in this order, sealed and unreadable: only what we wrote ourselves is taken back, and the numbers of rows that
    are in it, which would count what others have, are nobody's. The same key is the same cursor."""
    content = orjson.dumps(list(key))
    padded = content.ljust(-(-len(content) // PADDED) * PADDED)
    return base64.urlsafe_b64encode(_cipher().encrypt(padded, _place())).decode().rstrip("=")


def unpack(cursor: str) -> tuple[Any, ...]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return tuple(orjson.loads(_cipher().decrypt(raw, _place())))
    except (InvalidTag, ValueError):
        raise fail("malformed") from None


def _cipher() -> AESSIV:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return AESSIV(hashlib.sha512(b"cursor of a list|" + secret).digest())


def _place() -> list[bytes]:
    return [f"{request.endpoint}|{request.args.get('sort', '')}".encode()]


def asked(default: int = 50) -> Ask:
    """Read limit, after and before from the query string."""
    raw = request.args.get("limit", str(default))
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 4) or not 1 <= int(raw) <= MAX_LIMIT:
        raise fail("malformed")
    after, before = request.args.get("after"), request.args.get("before")
    return Ask(int(raw), unpack(after) if after else None, unpack(before) if before else None)


def _address(**cursor: str) -> str:
    kept = {k: v for k, v in request.args.to_dict(flat=False).items() if k not in ("after", "before")}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **kept, **cursor}, _external=False)


def links(page: Page[Any]) -> tuple[str | None, str | None]:
    """(next, previous) addresses of this list."""
    return (_address(after=pack(page.after)) if page.after else None, _address(before=pack(page.before)) if page.before else None)


def listed(page: Page[T], render: Callable[[T], Any]) -> Response:
    """The JSON answer of a list."""
    following, previous = links(page)
    body = {"count": page.count, "next": following, "previous": previous, "results": [render(row) for row in page.results]}
    response = Response(orjson.dumps(body), mimetype="application/json")
    relations = [f'<{address}>; rel="{name}"' for name, address in (("next", following), ("prev", previous)) if address]
    if relations:
        response.headers["Link"] = ", ".join(relations)
    return response
