"""Which errors of a database pass when the same transaction runs again."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from app.db.session import SLIP_WORDS, is_retriable


class Said(Exception):
    """What a driver raises: words, and PostgreSQL's state."""

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Said("could not serialize access", "40001"), True),
        (Said("deadlock detected", "40P01"), True),
        (Said(f"{SLIP_WORDS}: 0 3[6773 (nokeyupd), 6777 (keysh), 6777 (nokeyupd)]", "XX000"), True),
        (Said("cache lookup failed", "XX000"), False),
        (Said("database is locked"), True),
        (Said("more than the total is claimed", "23514"), False),
    ],
)
def test_what_passes(error: Said, passes: bool) -> None:
    assert is_retriable(DBAPIError("UPDATE capacity", None, error)) is passes
    assert not is_retriable(error)
