"""How often one sender may try something: the limiter that routes decorate with, and its key functions.

Counts are in the database, where all worker processes and machines add to the same one; they guard against guessing, not
against load.
"""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage
from sqlalchemy.exc import SQLAlchemyError

from app.db import attempts
from app.web.execute import bus

PER_ACCOUNT = "5 per minute; 50 per hour"  # of one account's password


class InDatabase(Storage):
    """The limiter's counts, kept by `app.db.attempts`, each change in a transaction of its own: what was tried stays counted
    although the request is rolled back."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with bus().database.write() as session:
            return attempts.count(session, key, expiry, amount)

    def get(self, key: str) -> int:
        with bus().database.read() as session:
            return attempts.counted(session, key)

    def get_expiry(self, key: str) -> float:
        with bus().database.read() as session:
            return attempts.ends_at(session, key).timestamp()

    def check(self) -> bool:
        return True  # what readiness tells of the database, it tells of this

    def reset(self) -> int:
        with bus().database.write() as session:
            return attempts.forget(session)

    def clear(self, key: str) -> None:
        with bus().database.write() as session:
            attempts.forget(session, key)


def of_account(email: str) -> str:
    """The key of the account that is named so, whether or not it exists."""
    return f"account:{email.strip().lower()[:254]}"


def account_key() -> str:
    """Of the account that a form names."""
    return of_account(request.form.get("email", ""))


limiter = Limiter(get_remote_address, storage_uri="database://", default_limits=[])
