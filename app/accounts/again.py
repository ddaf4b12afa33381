"""Giving the password again before an act that binds: in a session, or as a proof that a program sends with its call.

A proof is signed, for one person, and worth five minutes; a changed password ends it. The slow hashing happens here, outside every
transaction; the use case that needs it calls `require_fresh`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import current_app, g, session
from itsdangerous import BadSignature, URLSafeSerializer

from app.accounts.passwords import matches
from app.accounts.people import own_credentials
from app.accounts.rules import problem
from app.db.work import Reader
from app.kernel.actor import Actor
from app.kernel.errors import declare, fail
from app.web.auth import AUTHENTICATED_AT
from app.web.execute import ask, bus, current_actor
from app.web.guessing import one_guess
from app.web.limits import PER_ACCOUNT

FRESH = timedelta(minutes=5)

declare(
    "reauthentication_required",
    HTTPStatus.FORBIDDEN,
    "Give your password again first: it is asked for before a decision when it was last given more than {minutes} minutes ago.",
    "请先重新输入密码：作出决定前，距上次输入密码超过 {minutes} 分钟须重新验证。",
)


def require_fresh(reader: Reader) -> None:
    """Raise `reauthentication_required` unless the actor gave a password within the last five minutes. Jobs have none to give."""
    if not reader.actor.is_system and not is_fresh(reader.actor, reader.now):
        raise fail("reauthentication_required", minutes=FRESH // timedelta(minutes=1))


def is_fresh(actor: Actor, now: datetime) -> bool:
    given = actor.authenticated_at
    return given is not None and timedelta(0) <= now - given <= FRESH


def check_password(password: str) -> datetime:
    """Now, when it is the signed-in person's password. Raises `wrong_password`, and `TooManyRequests` before it is looked at."""
    found = ask(own_credentials)
    with one_guess({f"own:{found.ref}": PER_ACCOUNT}):
        if not matches(found.password_hash, password):
            raise fail("wrong_password", [problem("/password", "That is not your password.", "密码不正确。", "wrong_password")])
    return bus().clock.now()


def prove_in_session(password: str) -> None:
    """Note in the session, and for the rest of this request, that its person gave the password. Raises `wrong_password`."""
    at = check_password(password)
    session[AUTHENTICATED_AT] = at.isoformat()
    g.actor = replace(current_actor(), authenticated_at=at)


def make_proof(password: str) -> tuple[str, datetime]:
    """A proof for the header `Reauthentication`, and until when it holds. Raises `wrong_password`."""
    at = check_password(password)
    found = ask(own_credentials)
    return _serializer().dumps([found.identity, at.isoformat()]), at + FRESH


def proven_at(actor: Actor, proof: str) -> datetime | None:
    """When the actor's password was given, by a proof of ours for this person and this password; None for any other text."""
    try:
        identity, at = _serializer().loads(proof)
    except (BadSignature, ValueError, TypeError):
        return None
    own = bus().ask(own_credentials, actor)
    return datetime.fromisoformat(at) if identity == own.identity else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="reauthentication")
