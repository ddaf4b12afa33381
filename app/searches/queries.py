"""Reads of saved searches: one's own, and one by its link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from app.db.work import Reader
from app.kernel.errors import fail
from app.listings import args_of, owner_currency, read_search, search_words
from app.searches.models import SavedSearch


@dataclass(frozen=True, slots=True)
class SearchView:
    """`is_own`: kept by the actor, who alone may change it."""

    ref: str
    name: str
    query: str
    alert: str
    is_shared: bool
    is_own: bool
    version: int
    created_at: datetime
    checked_at: datetime


def own_searches(reader: Reader) -> list[SearchView]:
    """What the actor keeps in the organisation acted for, by name."""
    reader.permit("search.list")
    statement = select(SavedSearch).where(
        SavedSearch.user_id == reader.actor.user_id, SavedSearch.organisation_id == reader.actor.organisation_id
    )
    return [search_view(reader, row) for row in reader.session.scalars(statement.order_by(SavedSearch.name, SavedSearch.id))]


def search_by_link(reader: Reader, ref: str) -> SearchView:
    """One search: one's own, of a colleague who was told of it together with us, or one that is shared; else `not_found`."""
    reader.permit("search.view")
    known = or_(
        SavedSearch.is_shared,
        and_(SavedSearch.organisation_id == reader.actor.organisation_id, SavedSearch.alert != "off"),
        and_(SavedSearch.user_id == reader.actor.user_id, SavedSearch.organisation_id == reader.actor.organisation_id),
    )
    row = reader.session.scalar(select(SavedSearch).where(SavedSearch.ref == ref, known))
    if row is None:
        raise fail("not_found")
    return search_view(reader, row)


def search_view(reader: Reader, row: SavedSearch) -> SearchView:
    own = row.user_id == reader.actor.user_id and row.organisation_id == reader.actor.organisation_id
    return SearchView(row.ref, row.name, row.query, row.alert, row.is_shared, own, row.version, row.created_at, row.checked_at)


def in_words(reader: Reader, searches: list[SearchView]) -> dict[str, list[str]]:
    """What each search looks for, in the reader's words."""
    currency = owner_currency(reader)
    return {one.ref: search_words(read_search(args_of(one.query), currency).wanted, currency) for one in searches}
