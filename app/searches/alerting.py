"""Who is to be told of what: computed for each search as its owner, who sees no more in a mail than on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import Organisation, User, actor_again
from app.db.work import Reader, UnitOfWork
from app.kernel.actor import Actor
from app.kernel.errors import fail
from app.kernel.event import Event
from app.listings import ListingRow, Standing, args_of, owner_currency, read_search, rows_by_ids, standing
from app.notices import queue_mail
from app.searches.mails import Written, written
from app.searches.models import SavedSearch, SearchKnown
from app.searches.news import MOST_KNOWN, Item, Known, known_after, news_among
from app.searches.rules import is_due

LATE = timedelta(hours=1)  # a listing opened in a transaction that took longer than this to commit would be missed
NAMED = 20  # listings in one mail; of the others the number


@dataclass(frozen=True, slots=True)
class Due:
    """A search to look through. `owner` None: the person may no longer act for the organisation."""

    ref: str
    owner: Actor | None


@dataclass(frozen=True, slots=True)
class News:
    """What fits now, and what is new about it: `items` of everything, `rows` of the first. `is_wide`: too much fits to be
    remembered, and `answer` is only what was opened."""

    ref: str
    answer: tuple[Standing, ...]
    is_wide: bool
    items: tuple[Item, ...]
    rows: tuple[ListingRow, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """What the use case needs of the settings: where the pages are, and the secret that signs links."""

    news: News
    base_url: str
    secret: str


def due_searches(reader: Reader, instant: bool) -> list[Due]:
    """The searches that are due now: the instant ones, or the daily and weekly ones."""
    alerts = ("instant",) if instant else ("daily", "weekly")
    here_now = reader.now.astimezone(reader.zone)
    rows = reader.session.execute(
        select(SavedSearch, User.ref, Organisation.ref)
        .join(User, User.id == SavedSearch.user_id)
        .join(Organisation, Organisation.id == SavedSearch.organisation_id)
        .where(SavedSearch.alert.in_(alerts))
        .order_by(SavedSearch.id)
    )
    return [
        Due(search.ref, actor_again(reader.session, user, organisation, reader.today))
        for search, user, organisation in rows
        if instant or is_due(search.alert, search.checked_at, here_now)
    ]


def news_of(reader: Reader, ref: str) -> News:
    """What is new in the answer since the last look, as the actor, its owner, may see it."""
    search = _search(reader.session, ref)
    answer, is_wide = _answer(reader, search)
    items = _items(reader.session, search, answer, is_wide)
    rows = rows_by_ids(reader, [item.id for item in items[:NAMED]])
    return News(ref, answer, is_wide, tuple(items), tuple(rows))


def _answer(reader: Reader, search: SavedSearch) -> tuple[tuple[Standing, ...], bool]:
    wanted = read_search(args_of(search.query), owner_currency(reader)).wanted
    found = standing(reader, wanted, most=MOST_KNOWN + 1)
    is_wide = len(found) > MOST_KNOWN
    if is_wide:
        found = standing(reader, wanted, since=search.checked_at - LATE)
    return tuple(found), is_wide


def _items(session: Session, search: SavedSearch, answer: Sequence[Standing], is_wide: bool) -> list[Item]:
    remembers = search.remembered_at is not None
    return news_among(answer, _known(session, search), search.checked_at - LATE, remembers=remembers, is_wide=is_wide)


def _known(session: Session, search: SavedSearch) -> dict[int, Known]:
    rows = session.scalars(select(SearchKnown).where(SearchKnown.search_id == search.id))
    return {row.listing_id: Known(row.is_in, row.opened_at, row.price_minor, row.currency, row.fit_told) for row in rows}


def remember(work: UnitOfWork, search: SavedSearch) -> None:
    """From now on: what is in the answer already is no news. The actor is its owner."""
    work.session.execute(delete(SearchKnown).where(SearchKnown.search_id == search.id))
    search.checked_at, search.remembered_at = work.now, None
    answer, is_wide = _answer(work, search)
    _keep(work, search, answer, is_wide, ())


def _keep(work: UnitOfWork, search: SavedSearch, answer: Sequence[Standing], is_wide: bool, items: Sequence[Item]) -> None:
    """What is known of the answer from now on. Of one too wide, only what was told of so lately that it could be found again."""
    told = {item.id: item for item in items}
    rows = {row.listing_id: row for row in _rows(work.session, search)}
    inside = {one.id: one for one in answer if not is_wide or one.id in told}
    for number, row in list(rows.items()):
        if number not in inside:
            old = row.opened_at is None or row.opened_at < work.now - 2 * LATE
            if is_wide and old:
                work.session.delete(row)
            row.is_in = row.is_in and is_wide
    for number, one in inside.items():
        known = rows.get(number)
        before = None if known is None else Known(known.is_in, known.opened_at, known.price_minor, known.currency, known.fit_told)
        now = known_after(one, before, told.get(number))
        row = known or SearchKnown(search_id=search.id, listing_id=number)
        if known is None:
            work.session.add(row)
        row.is_in, row.opened_at, row.price_minor = now.is_in, now.opened_at, now.price_minor
        row.currency, row.fit_told = now.currency, now.fit_told
    search.remembered_at = None if is_wide else search.remembered_at or work.now
    work.session.flush()


def _rows(session: Session, search: SavedSearch) -> Sequence[SearchKnown]:
    return session.scalars(select(SearchKnown).where(SearchKnown.search_id == search.id)).all()


def tell(work: UnitOfWork, telling: Telling) -> int:
    """Put the news into the inbox and a mail, once. Returns how many listings were told of."""
    search = work.session.scalar(select(SavedSearch).where(SavedSearch.ref == telling.news.ref).with_for_update())
    if search is None or search.alert == "off":
        return 0
    news = telling.news
    fresh = _items(work.session, search, news.answer, news.is_wide)  # once more: another look may have told of it meanwhile
    _keep(work, search, news.answer, news.is_wide, fresh)
    search.checked_at = work.now
    work.session.flush()
    if fresh:
        said = {"count": len(fresh), "name": search.name}
        work.emit(Event("search.found", "search", search.ref, (search.organisation_id,), {}, said))
        _mail(work, search, telling, fresh)
    return len(fresh)


def end_alerts(work: UnitOfWork, ref: str) -> None:
    """Whoever may no longer act for the organisation is told no more for it."""
    search = _search(work.session, ref)
    before, search.alert = search.alert, "off"
    search.updated_at, search.version = work.now, search.version + 1
    work.emit(Event("search.changed", "search", ref, (), {"alert": before}, {"alert": "off"}))


def _mail(work: UnitOfWork, search: SavedSearch, telling: Telling, fresh: Sequence[Item]) -> None:
    person = work.session.get_one(User, search.user_id)
    if person.is_demo:  # has no mailbox
        return
    told = {item.id: item for item in fresh}
    lines = [(row, told[row.id]) for row in telling.news.rows if row.id in told]
    mail: Written = written(search.ref, search.name, len(fresh), lines, telling.base_url, telling.secret, person.locale)
    queue_mail(work, person.email, mail.subject, mail.body, unsubscribe_url=mail.unsubscribe)


def _search(session: Session, ref: str) -> SavedSearch:
    search = session.scalar(select(SavedSearch).where(SavedSearch.ref == ref))
    if search is None:
        raise fail("not_found")
    return search
