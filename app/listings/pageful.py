"""One page of listings out of many, without putting all of them in order first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.db.hints import walked
from app.db.work import Reader
from app.listings.models import Listing

INDEXES = {"title": "ix_listing_title", "price": "ix_listing_price"}
MANY = 1_000  # matches, of which a walk in the order of the list soon finds a page
WALKED = 50_000  # listings, which take some milliseconds


def page_of(
    reader: Reader, page: Select[Any], sort: str, count: int, key: tuple[Any, ...] | None, down: bool, limit: int
) -> list[Listing]:
    """What `page` finds, which is ordered by `sort` and begins at `key`; of many (`count`) by a walk in that order. `down`: from
    great to small."""
    if count < MANY:
        return _loaded(reader, page)
    name = sort.lstrip("-")
    if name in INDEXES:
        return _loaded(reader, walked(page, Listing, INDEXES[name]))
    found = _loaded(reader, walked(page.where(_beside(reader, key, down)), Listing))
    return found if len(found) > limit else by_ids(reader, reader.session.scalars(page.with_only_columns(Listing.id)).all())


def _beside(reader: Reader, key: tuple[Any, ...] | None, down: bool) -> Any:
    """The `WALKED` listings beside the key: where they do not fill a page, all that match are put in order by their ids alone."""
    if not down:
        return Listing.id <= (key[0] if key else 0) + WALKED
    last = key[0] if key else (reader.session.scalar(select(func.max(Listing.id))) or 0) + 1
    return Listing.id >= last - WALKED


def by_ids(reader: Reader, ids: Sequence[int]) -> list[Listing]:
    """These listings, in this order."""
    rows = {row.id: row for row in _loaded(reader, select(Listing).where(Listing.id.in_(ids)))}
    return [rows[number] for number in ids]


def _loaded(reader: Reader, page: Select[Any]) -> list[Listing]:
    return list(reader.session.scalars(page.options(joinedload(Listing.asset))))
