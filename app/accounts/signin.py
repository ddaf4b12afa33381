"""Signing in and out, and changing one's password: the slow hashing happens here, outside every transaction."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, session
from flask_login import current_user, login_user, logout_user

from app.accounts.identity import person_by_session
from app.accounts.passwords import hash_password, is_outdated, matches
from app.accounts.people import (
    Credentials,
    SetPassword,
    SignIn,
    SignOut,
    credentials,
    note_sign_in,
    note_sign_out,
    own_credentials,
    set_password,
)
from app.accounts.rules import clean_email, password_problems, problem, refuse
from app.accounts.secret import new_session_id
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import fail
from app.web.auth import AUTHENTICATED_AT, Principal
from app.web.execute import ask, bus, execute
from app.web.guessing import one_guess
from app.web.limits import PER_ACCOUNT, of_account

PER_SENDER = "20 per minute; 200 per hour"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`sender`: the address that it came from."""

    email: str
    password: str
    sender: str


def sign_in(attempt: Attempt) -> Principal:
    """Begin a session, or raise `wrong_credentials`: the same words and the same time whether or not there is an account.
    Raises `TooManyRequests`, before the password is looked at."""
    with one_guess({attempt.sender: PER_SENDER, of_account(attempt.email): PER_ACCOUNT}):
        found = ask(credentials, clean_email(attempt.email))
        if not matches(found.password_hash if found else None, attempt.password) or found is None:
            raise fail("wrong_credentials")
        principal = bus().ask(person_by_session, ANONYMOUS, found.in_session(new_session_id()), None)
        if principal is None:  # every organisation of the person is deactivated
            raise fail("wrong_credentials")
    better = hash_password(attempt.password) if is_outdated(found.password_hash or "") else None
    bus().execute(note_sign_in, principal.actor, SignIn(found.ref, better))
    begin(principal)
    return principal


def begin(principal: Principal) -> None:
    """A new session: nothing of the one before, by whomever it was made, stays in it."""
    session.clear()
    session.permanent = True
    if principal.actor.organisation_ref is not None:
        session["acting_for"] = principal.actor.organisation_ref
    session[AUTHENTICATED_AT] = bus().clock.now().isoformat()
    login_user(principal)


def sign_out() -> None:
    """End the session on the server, not in this browser alone: a copy of its cookie opens nothing any more."""
    if current_user.is_authenticated:
        left = SignOut(current_user.session_id, current_app.permanent_session_lifetime)
        bus().execute(note_sign_out, current_user.actor, left)
    logout_user()
    session.clear()


def change_password(current: str, new: str) -> None:
    """Set a new password and end the person's other sessions; this one goes on. Raises `wrong_password`, `invalid` or
    `TooManyRequests`."""
    found: Credentials = ask(own_credentials)
    with one_guess({f"own:{found.ref}": PER_ACCOUNT}):
        if not matches(found.password_hash, current):
            wrong = problem("/current", "That is not your present password.", "当前密码不正确。", "wrong_password")
            raise fail("wrong_password", [wrong])
    refuse(password_problems(new, found.email, "/new"))
    epoch = execute(set_password, SetPassword(hash_password(new)))
    principal = bus().ask(person_by_session, ANONYMOUS, f"{found.ref}.{epoch}.{new_session_id()}", session.get("acting_for"))
    if principal is None:
        raise fail("sign_in_required")
    begin(principal)
