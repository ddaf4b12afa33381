"""Who sends a request: a browser session (flask-login) or an API token (Bearer, or Basic with any user name).

Features plug in the two loaders; this module knows no table.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf import CSRFProtect

from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import fail

F = TypeVar("F", bound=Callable[..., Any])
csrf = CSRFProtect()
PROOF = "Reauthentication"
AUTHENTICATED_AT = "authenticated_at"  # of the session: when its person last gave a password


class Principal(UserMixin):  # type: ignore[misc]
    """What flask-login keeps of a person: ref, session epoch, so that a changed password ends other sessions, and the session's own
    number, so that leaving it ends it wherever its cookie was copied to."""

    def __init__(self, actor: Actor, epoch: int, session_id: str) -> None:
        self.actor, self.epoch, self.session_id = actor, epoch, session_id

    def get_id(self) -> str:
        return f"{self.actor.user_ref}.{self.epoch}.{self.session_id}"


@dataclass(frozen=True, slots=True)
class Loaders:
    """`by_session(identity, organisation_ref)` and `by_token(secret)` return who it is, or None. `proven_at(actor, proof)`: when
    that person gave the password that the proof is of, or None."""

    by_session: Callable[[str, str | None], Principal | None]
    by_token: Callable[[str], Actor | None]
    proven_at: Callable[[Actor, str], datetime | None]


def by_signed_link(view: F) -> F:
    """What the secret in the address alone allows: a mail program posts it without a session or a page of ours (RFC 8058), so there is
    no session to borrow and no token to ask for."""
    view.__by_signed_link__ = True  # type: ignore[attr-defined]
    return view


def _needs_token() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return current_app.config["WTF_CSRF_ENABLED"] and not getattr(view, "__by_signed_link__", False)


def init(app: Flask, loaders: Loaders) -> None:
    manager = LoginManager()
    manager.init_app(app)
    manager.user_loader(lambda identity: _principal(loaders, identity))
    app.extensions["infrashare_loaders"] = loaders
    app.before_request(identify)


def _principal(loaders: Loaders, identity: str) -> Principal | None:
    """Whose session it is. One that is over is taken out of the cookie, or every page would keep its copy alive."""
    found = loaders.by_session(identity, session.get("acting_for"))
    if found is None:
        session.pop("_user_id", None)
    return found


def token_secret() -> str | None:
    """The secret of the Authorization header; Basic is what QGIS and GDAL can send."""
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise fail("malformed") from None
    return None


def identify() -> None:
    """Set `g.actor`. A session that changes something must carry its CSRF token; a program's token needs none."""
    secret = token_secret()
    if secret is not None:
        loaders: Loaders = current_app.extensions["infrashare_loaders"]
        actor = loaders.by_token(secret)
        if actor is None:
            raise fail("sign_in_required")
        proof = request.headers.get(PROOF)
        g.actor = actor if proof is None else replace(actor, authenticated_at=loaders.proven_at(actor, proof))
        return
    g.actor = _of_session(current_user.actor) if current_user.is_authenticated else ANONYMOUS
    if g.actor.is_anonymous and request.path.startswith("/api/"):
        return  # nobody's rights can be borrowed: what everybody may, anybody may without a page of ours
    if request.method not in ("GET", "HEAD", "OPTIONS") and _needs_token():
        csrf.protect()


def _of_session(actor: Actor) -> Actor:
    given = session.get(AUTHENTICATED_AT)
    return actor if given is None else replace(actor, authenticated_at=datetime.fromisoformat(given))
