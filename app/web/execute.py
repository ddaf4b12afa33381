"""From a request to a use case or a query: the actor, the bus, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g

from app.db.work import Bus, UnitOfWork
from app.kernel.actor import ANONYMOUS, Actor

T = TypeVar("T")
C = TypeVar("C")


def bus() -> Bus:
    return cast(Bus, current_app.extensions["infrashare_bus"])


def current_actor() -> Actor:
    """Who sends this request; `app.web.auth` has set it."""
    return cast(Actor, g.get("actor", ANONYMOUS))


def execute(use_case: Callable[[UnitOfWork, C], T], command: C) -> T:
    """Run a use case as the sender of this request, in one transaction."""
    return bus().execute(use_case, current_actor(), command, request_id=g.get("request_id", ""))


def ask(query: Callable[..., T], *args: Any, **options: Any) -> T:
    """Run a query as the sender of this request."""
    return bus().ask(query, current_actor(), *args, **options)
