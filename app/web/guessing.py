"""Guesses at a password: each is counted before it is judged, so that many at once get no further than one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from limits import parse_many
from werkzeug.exceptions import TooManyRequests

from app.db import attempts
from app.web.execute import bus
from app.web.limits import limiter


@contextmanager
def one_guess(budgets: dict[str, str]) -> Iterator[None]:
    """Judge one guess inside. `budgets`: whose → how many ("5 per minute; 50 per hour"). Raises `TooManyRequests`, and counts
    nothing, when a budget is spent; what ends without an exception was no guess, and is given back."""
    if not limiter.enabled:
        yield
        return
    items = [(item.key_for("guess", whose), item) for whose, limits in budgets.items() for item in parse_many(limits)]
    with bus().database.write() as session:
        taken = attempts.take(session, {key: (item.get_expiry(), item.amount) for key, item in items})
        if taken is None:
            raise TooManyRequests
    yield
    with bus().database.write() as session:
        attempts.give_back(session, taken)
