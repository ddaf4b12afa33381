"""Home: access requests that wait for the owner's answer or the requester's completion, offers, and disputes to decide."""

from __future__ import annotations

from app.access.queries import Found, RequestFilter, list_requests
from app.access.views import RequestRow
from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url


def to_answer(reader: Reader) -> HomeCard | None:
    """Submitted requests on the reader's own listings, with the clock of each."""
    if not reader.actor.roles & WRITERS:
        return None
    return _card(
        reader,
        list_requests(reader, RequestFilter(side="owner", status="submitted,complete"), SHOWN),
        Text("Requests to answer", "待答复的接入申请"),
        Text("Nobody waits for your answer.", "暂无待您答复的申请。"),
        10,
        by_owner=False,
    )


def to_complete(reader: Reader) -> HomeCard | None:
    """The reader's own requests whose owner named something missing."""
    if not reader.actor.roles & WRITERS:
        return None
    found = list_requests(reader, RequestFilter(side="requester", status="incomplete"), SHOWN)
    if not found.count:
        return None
    title, empty = Text("Requests to complete", "待补正的接入申请"), Text("Nothing is missing.", "暂无需补正的申请。")
    return _card(reader, found, title, empty, 15, by_owner=True)


def to_settle(reader: Reader) -> HomeCard | None:
    """Disputes before the reader's regulator."""
    if Role.OFFICER not in reader.actor.roles:
        return None
    found = list_requests(reader, RequestFilter(side="settler", status="disputed"), SHOWN)
    if not found.count:
        return None
    title, empty = Text("Disputes to decide", "待裁决的争议"), Text("No dispute is open.", "暂无待裁决的争议。")
    return _card(reader, found, title, empty, 12, by_owner=False)


def offers(reader: Reader) -> HomeCard | None:
    """Offers that hold capacity for the reader until they expire."""
    if not reader.actor.roles & WRITERS:
        return None
    found = [list_requests(reader, RequestFilter(side="requester", status=status), SHOWN) for status in ("accepted", "countered")]
    joined = Found([row for part in found for row in part.results][:SHOWN], sum(part.count for part in found), None, None)
    return _card(
        reader,
        joined,
        Text("Offers to take up", "待接受的要约"),
        Text("No offer waits for you.", "暂无待您接受的要约。"),
        20,
        by_owner=True,
    )


def _card(reader: Reader, found: Found, title: Text, empty: Text, order: int, *, by_owner: bool) -> HomeCard:
    rows = tuple(_row(reader, row, by_owner) for row in found.results)
    return HomeCard(title, found.count, empty, rows, page_url("access.index"), order)


def _row(reader: Reader, row: RequestRow, by_owner: bool) -> HomeRow:
    other = row.owner if by_owner else row.requester
    parts = [other.in_(reader.actor.locale), *([row.listing_title] if row.listing_title else [])]
    return HomeRow(row.title, subject_url("access_request", row.ref), " · ".join(parts), row.due_on)


CARDS = [to_answer, to_complete, to_settle, offers]
