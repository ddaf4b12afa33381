"""Who is to be told of what: computed for each search as its owner, who sees no more in a mail than on a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import Organisation, User, actor_again
from app.db.work import Reader, UnitOfWork
from app.kernel.actor import Actor
from app.kernel.errors import fail
from app.kernel.event import Event
from app.listings import ListingRow, args_of, opened_since, owner_currency, read_search, rows_by_ids
from app.notices import queue_mail
from app.searches.mails import Written, written
from app.searches.models import SavedSearch, SearchHit
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
    """What is new: `ids` of everything, `rows` of the first."""

    ref: str
    ids: tuple[int, ...]
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
    """What was opened since the last look and fits, as the actor, its owner, may see it."""
    search = _search(reader.session, ref)
    wanted = read_search(args_of(search.query), owner_currency(reader)).wanted
    told = set(reader.session.scalars(select(SearchHit.listing_id).where(SearchHit.search_id == search.id)))
    ids = [number for number in opened_since(reader, wanted, search.checked_at - LATE) if number not in told]
    return News(ref, tuple(ids), tuple(rows_by_ids(reader, ids[:NAMED])))


def tell(work: UnitOfWork, telling: Telling) -> int:
    """Put the news into the inbox and a mail, once. Returns how many listings were told of."""
    search = work.session.scalar(select(SavedSearch).where(SavedSearch.ref == telling.news.ref).with_for_update())
    if search is None or search.alert == "off":
        return 0
    known = set(work.session.scalars(select(SearchHit.listing_id).where(SearchHit.search_id == search.id)))
    fresh = [number for number in telling.news.ids if number not in known]
    work.session.execute(delete(SearchHit).where(SearchHit.search_id == search.id, SearchHit.told_at < work.now - 2 * LATE))
    work.session.add_all(SearchHit(search_id=search.id, listing_id=number, told_at=work.now) for number in fresh)
    search.checked_at = work.now
    work.session.flush()
    if fresh:
        said = {"count": len(fresh), "name": search.name}
        work.emit(Event("search.found", "search", search.ref, (search.organisation_id,), {}, said))
        _mail(work, search, telling, len(fresh))
    return len(fresh)


def end_alerts(work: UnitOfWork, ref: str) -> None:
    """Whoever may no longer act for the organisation is told no more for it."""
    search = _search(work.session, ref)
    before, search.alert = search.alert, "off"
    search.updated_at, search.version = work.now, search.version + 1
    work.emit(Event("search.changed", "search", ref, (), {"alert": before}, {"alert": "off"}))


def _mail(work: UnitOfWork, search: SavedSearch, telling: Telling, count: int) -> None:
    person = work.session.get_one(User, search.user_id)
    if person.is_demo:  # has no mailbox
        return
    mail: Written = written(search.ref, search.name, count, telling.news.rows, telling.base_url, telling.secret, person.locale)
    queue_mail(work, person.email, mail.subject, mail.body, unsubscribe_url=mail.unsubscribe)


def _search(session: Session, ref: str) -> SavedSearch:
    search = session.scalar(select(SavedSearch).where(SavedSearch.ref == ref))
    if search is None:
        raise fail("not_found")
    return search
