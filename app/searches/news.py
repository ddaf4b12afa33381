"""What is news to who looks for something: what was opened, what newly fits for whatever reason, what became cheaper.

Each is told once of a listing: an opening once for each time that it is opened, that it fits once, a price when it is lower than any
that was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.listings import Standing

OPENED, FITS, CHEAPER = "opened", "fits", "cheaper"
MOST_KNOWN = 2_000  # listings in an answer whose members are remembered; of a wider one only what is opened is news


@dataclass(frozen=True, slots=True)
class Known:
    """A listing as its searcher last knew it. `is_in`: it was in the answer. `price_minor`: the lowest that was known."""

    is_in: bool
    opened_at: datetime | None
    price_minor: int | None
    currency: str
    fit_told: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """`was_minor`: the price before, of what became cheaper."""

    id: int
    reason: str
    was_minor: int | None = None


def news_among(
    answer: Sequence[Standing], known: Mapping[int, Known], since: datetime, *, remembers: bool, is_wide: bool = False
) -> list[Item]:
    """In the order of the answer. `since`: what was opened before is no news as such. `remembers`: whether it is known at all what
    was in the answer, so that being in it can be new."""
    found = [
        _opening(one, known.get(one.id), since) or (None if is_wide else _change(one, known.get(one.id), remembers))
        for one in answer
    ]
    return [item for item in found if item is not None]


def _opening(one: Standing, before: Known | None, since: datetime) -> Item | None:
    is_new = one.opened_at is not None and one.opened_at > since and (before is None or before.opened_at != one.opened_at)
    return Item(one.id, OPENED) if is_new else None


def _change(one: Standing, before: Known | None, remembers: bool) -> Item | None:
    if before is None or not before.is_in:
        told = before is not None and before.fit_told
        return Item(one.id, FITS) if remembers and not told else None
    if before.price_minor is None or one.price_minor is None or before.currency != one.currency:
        return None
    return Item(one.id, CHEAPER, before.price_minor) if one.price_minor < before.price_minor else None


def known_after(one: Standing, before: Known | None, item: Item | None) -> Known:
    """What its searcher knows of a listing of the answer from now on."""
    price = one.price_minor
    if before is not None and before.price_minor is not None and before.currency == one.currency:
        price = before.price_minor if price is None else min(price, before.price_minor)
    fit_told = (before is not None and before.fit_told) or (item is not None and item.reason == FITS)
    return Known(True, one.opened_at, price, one.currency, fit_told)
