"""Idempotency-Key: the first answer is kept in the business transaction and replayed to the same request.

A key belongs to (principal, route). Another body is 422. An equal call that comes while the first is running waits for its
answer, on SQLite for the one writer there is, on PostgreSQL for an advisory lock; after `PATIENCE_S` it is 409. Used through
`execute_once` by every POST of the API that creates or moves something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, request
from sqlalchemy import Index, LargeBinary, String, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigId
from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.web.execute import bus, current_actor

T = TypeVar("T")
C = TypeVar("C")
MOST_KEY = 120
PATIENCE_S = 15
LOCK_NOT_AVAILABLE = "55P03"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class KeptResponse(Base):
    __tablename__ = "kept_response"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    principal: Mapped[str] = mapped_column(String(60))
    route: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(MOST_KEY))
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    __table_args__ = (Index("uq_kept_response_key", "principal", "route", "key", unique=True),)


def execute_once(use_case: Callable[[UnitOfWork, C], T], command: C, render: Callable[[T], Response]) -> Response:
    """Run a use case and render its result; with an Idempotency-Key the rendered answer is kept with it and replayed."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= MOST_KEY:
        raise fail("malformed")

    @wraps(use_case)
    def whole(work: UnitOfWork, given: C) -> Response:
        if key is None:
            return render(use_case(work, given))
        return _kept(work, key, lambda: render(use_case(work, given)))

    return bus().execute(whole, current_actor(), command, request_id=g.get("request_id", ""))


def _wait(work: UnitOfWork, name: str) -> None:
    """Until no other transaction runs under this name. Raises `idempotency_running`."""
    lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    work.session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
    try:
        work.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise fail("idempotency_running") from error
        raise
    work.session.execute(text("SET LOCAL lock_timeout = DEFAULT"))


def _kept(work: UnitOfWork, key: str, run: Callable[[], Response]) -> Response:
    actor = work.actor
    principal, route = f"{actor.user_ref}:{actor.organisation_ref}", f"{request.method} {request.path}"
    digest = hashlib.sha256(request.get_data()).hexdigest()
    if work.session.get_bind().dialect.name == "postgresql":
        _wait(work, f"{principal}|{route}|{key}")
    found = work.session.scalar(
        select(KeptResponse).where(KeptResponse.principal == principal, KeptResponse.route == route, KeptResponse.key == key)
    )
    if found is not None:
        if found.body_hash != digest:
            raise fail("idempotency_mismatch")
        replay = Response(found.body, status=found.status, headers=found.headers)
        replay.headers["Idempotency-Replayed"] = "true"
        return replay
    response = run()
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    work.session.add(
        KeptResponse(
            principal=principal,
            route=route,
            key=key,
            body_hash=digest,
            status=response.status_code,
            headers=headers,
            body=response.get_data(),
            created_at=work.now,
        )
    )
    return response
