"""Quotes: what access would cost, item by item in minor units, valid until a day. An offer without a price is priced by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.access import clocks
from app.access.models import AccessRequest, Quote
from app.access.rules import ANSWERABLE, REQUEST
from app.access.service import event_of, load, touch
from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.money import MOST_MINOR
from app.kernel.text import Text
from app.listings import Listing

MOST_ITEMS = 50
BASES = ("yearly", "once")


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """`basis`: yearly, once."""

    label: str
    basis: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class GiveQuote:
    """`valid_until`: the last day on which it holds."""

    ref: str
    items: Sequence[QuoteItem]
    valid_until: date
    message: str | None = None
    seen_version: int | None = None


def give_quote(work: UnitOfWork, command: GiveQuote) -> int:
    """Quote, replacing an earlier quote. Who may: managers of the owner. Returns the new version. Raises `invalid`."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    if request.status not in ANSWERABLE | {"countered"}:
        words = Text("quote", "报价")
        raise fail("illegal_transition", subject=REQUEST.subject, state=REQUEST.states[request.status], action=words)
    _check(work, command)
    previous = open_quote(work, request)
    if previous is not None:
        previous.status, previous.updated_at = "replaced", work.now
        work.session.flush()
    last = work.session.scalar(select(func.max(Quote.number)).where(Quote.request_id == request.id))
    quote = Quote(
        request_id=request.id,
        number=(last or 0) + 1,
        items=[{"label": i.label.strip(), "basis": i.basis, "amount_minor": i.amount_minor} for i in command.items],
        currency=work.session.get_one(Listing, request.listing_id).currency,
        valid_until=command.valid_until,
        message=command.message,
        created_at=work.now,
    )
    work.session.add(quote)
    clocks.stop(work, request, clocks.ESTIMATE)
    touch(work, request)
    after = {"quote": quote.number, "items": quote.items, "currency": quote.currency, "valid_until": str(quote.valid_until)}
    work.emit(event_of(request, "quote_given", {"quote": previous.number} if previous else {}, after))
    return request.version


def _check(work: UnitOfWork, command: GiveQuote) -> None:
    problems = []
    if not 1 <= len(command.items) <= MOST_ITEMS:
        problems.append(Problem("invalid", Text("State 1 to 50 items.", "请填写 1 至 50 个项目。"), pointer="/items"))
    for number, item in enumerate(command.items[:MOST_ITEMS]):
        if not item.label.strip() or len(item.label) > 200:
            problems.append(Problem("invalid", Text("Say what it is for.", "请说明费用项目。"), pointer=f"/items/{number}/label"))
        if item.basis not in BASES:
            problems.append(Problem("invalid", Text("Yearly or once.", "按年或一次性。"), pointer=f"/items/{number}/basis"))
        if not 0 <= item.amount_minor <= MOST_MINOR:
            words = Text("A price is not negative.", "价格不能为负。")
            problems.append(Problem("invalid", words, pointer=f"/items/{number}/amount_minor"))
    if command.valid_until < work.today:
        problems.append(Problem("invalid", Text("Today or later.", "须为今日或以后。"), pointer="/valid_until"))
    if problems:
        raise fail("invalid", problems)


def open_quote(work: UnitOfWork, request: AccessRequest) -> Quote | None:
    return work.session.scalar(select(Quote).where(Quote.request_id == request.id, Quote.status == "open"))


def valid_quote(work: UnitOfWork, request: AccessRequest) -> Quote | None:
    """The quote that an offer made today is priced by; None: there is none, or its time is over."""
    quote = open_quote(work, request)
    return quote if quote is not None and quote.valid_until >= work.today else None


def yearly_minor(quote: Quote) -> int:
    return sum(int(item["amount_minor"]) for item in quote.items if item["basis"] == "yearly")
