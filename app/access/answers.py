"""Use cases of the owner: accept, counter, refuse; and how an offer ends: taken, or expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.access import clocks
from app.access.evidence import check_attached
from app.access.limits import Limit, check_limits, check_ways, limits_of
from app.access.models import AccessRequest, Offer
from app.access.quotes import valid_quote, yearly_minor
from app.access.routes.legs import check_alone
from app.access.rules import REQUEST, check_refusal, check_window, window_of
from app.access.sections import amounts_through, listings_of
from app.access.service import close_offer, end_survey, event_of, holder_of, load, open_offer, touch, units_of
from app.assets import Asset
from app.catalogue.declaration import Test
from app.catalogue.demand import demand
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import Profile, get_profile
from app.catalogue.tiers import Tier
from app.catalogue.validation import validate_values
from app.db.work import Reader, UnitOfWork
from app.deadlines import Deadline
from app.disclosure import grant, revoke
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.quantity import to_milli
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.ledger import hold, release
from app.listings import Listing


@dataclass(frozen=True, slots=True)
class AcceptRequest:
    """`price_minor`: a year, for all that is asked; None: the listing's price times the quantity."""

    ref: str
    seen_version: int | None = None
    price_minor: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class CounterRequest:
    """`amounts`: dimension → amount in its unit, None: as asked. `terms`: requirement → the value that is offered instead of
    the one asked for (a lower height). Window None: as asked."""

    ref: str
    seen_version: int | None = None
    amounts: Mapping[str, float] | None = None
    price_minor: int | None = None
    window_start: date | None = None
    window_end: date | None = None
    message: str | None = None
    terms: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RefuseRequest:
    """`evidence`: code of the evidence that the ground needs → ref of the attachment that is it."""

    ref: str
    ground: str
    reason: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    seen_version: int | None = None


def accept_request(work: UnitOfWork, command: AcceptRequest) -> int:
    """Offer what is asked: its capacity is held, and the requester may see the asset in full. Returns the new version.

    Who may: managers of the owner. Raises `no_capacity`, `price_missing`."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    window = Window(request.window_start, request.window_end)
    return _answer(work, request, "accept", asked_amounts(work, request), command.price_minor, window, command.message, None)


def counter_request(work: UnitOfWork, command: CounterRequest) -> int:
    """Offer something else: other amounts, price or period; it replaces an open counter-offer. Returns the new version.

    Raises `nothing_countered`, and what an acceptance raises."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    REQUEST.move(request.status, "counter")
    amounts = asked = asked_amounts(work, request)
    if command.amounts is not None:
        amounts = {name: to_milli(amount) for name, amount in command.amounts.items() if amount}
    window = window_of(command.window_start or request.window_start, command.window_end or request.window_end)
    stated = (command.amounts, command.price_minor, command.window_start, command.window_end, command.terms or None)
    as_asked = _nonzero(amounts) == _nonzero(asked) and (window.start, window.end) == (request.window_start, request.window_end)
    same_terms = all(request.asked.get(name) == value for name, value in _terms(work, request, command.terms).items())
    first = request.status != "countered"  # an open counter-offer may be replaced by what was asked, when that is said
    if all(one is None for one in stated) or (first and as_asked and same_terms and command.price_minor is None):
        raise fail("nothing_countered")
    return _answer(work, request, "counter", amounts, command.price_minor, window, command.message, command.terms)


def refuse_request(work: UnitOfWork, command: RefuseRequest) -> int:
    """Refuse on a ground of the profile's closed list, with its evidence attached to the request. Returns the new version.

    Raises `unknown_refusal_ground`, `refusal_evidence_missing`, `reason_missing`."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    before, after = request.status, REQUEST.move(request.status, "refuse")
    check_refusal(request.profile, command.ground, command.reason, command.evidence)
    if command.evidence:
        check_attached(work, request, set(command.evidence.values()), ("evidence",), request.owner_id)
    request.status, request.answered_at = after, work.now
    request.refusal_ground, request.refusal_reason, request.refusal_evidence = (
        command.ground,
        command.reason.strip(),
        dict(command.evidence),
    )
    clocks.answered(work, request)
    end_survey(work, request)
    touch(work, request)
    work.emit(
        event_of(
            request,
            "request_refused",
            {"status": before},
            {
                "status": request.status,
                "ground": command.ground,
                "reason": request.refusal_reason,
                "evidence": dict(command.evidence),
            },
        )
    )
    return request.version


def agree(work: UnitOfWork, ref: str, seen_version: int | None = None) -> tuple[AccessRequest, Offer]:
    """The requester takes the open offer. Part of the use case that drafts the agreement, which inherits the hold and tells
    of it.

    Raises `no_open_offer`, `hold_lapsed`, `leg_of_route`."""
    request = load(work, ref, "access.agree", seen_version)
    check_alone(work, request)
    request.status = REQUEST.move(request.status, "agree")
    offer = close_offer(work, request, "agreed")
    if offer is None:
        raise fail("no_open_offer")
    if offer.expires_at <= work.database_now:
        raise fail("hold_lapsed")
    clocks.stop(work, request, clocks.ACCEPTANCE)
    touch(work, request)
    return request, offer


def expire_offer(work: UnitOfWork, event: Event) -> None:
    """The ledger ended a hold whose time was over: the offer and the request end with it, in the same transaction and record."""
    if event.action != "capacity.hold_expired" or event.subject_type != "access_request":
        return
    request = work.session.scalar(select(AccessRequest).where(AccessRequest.ref == event.subject_ref))
    if request is None:
        return
    if request.status == "disputed":  # the offer is over, the dispute about it is not
        close_offer(work, request, "expired")
        clocks.lapse(work, request, clocks.ACCEPTANCE)
        return
    if not REQUEST.allows(request.status, "expire"):
        return
    request.status = REQUEST.move(request.status, "expire")
    close_offer(work, request, "expired")
    clocks.lapse(work, request, clocks.ACCEPTANCE)
    revoke(work, request.ref)
    touch(work, request)


def asked_amounts(work: UnitOfWork, request: AccessRequest) -> dict[str, int]:
    return demand(KINDS[work.session.get_one(Listing, request.listing_id).kind], request.asked)


def limits_here(work: Reader, request: AccessRequest, terms: Mapping[str, Any] | None = None) -> tuple[Limit, ...]:
    """What the asset's own limits say of what is asked, with `terms` in its place where they are stated."""
    listing = work.session.get_one(Listing, request.listing_id)
    asked = {**request.asked, **(terms or {})}
    return limits_of(KINDS[listing.kind], listing.asset.attributes, get_profile(request.profile), asked)


def check_allowed(work: UnitOfWork, request_id: int, asset: Asset, amounts: Mapping[str, int]) -> None:
    """Whether the asset allows the parties to an agreement on the request what they agreed: as asked, or as the offer that was
    taken says instead. An asset of another kind serves something else. Raises `beyond_limit`."""
    request = work.session.get_one(AccessRequest, request_id)
    kind = KINDS[asset.kind]
    if work.session.get_one(Listing, request.listing_id).kind != kind.name:
        return
    taken = select(Offer.terms).where(Offer.request_id == request.id, Offer.status == "agreed").order_by(Offer.number.desc())
    asked = {**request.asked, **(work.session.scalar(taken.limit(1)) or {})}
    check_limits(limits_of(kind, asset.attributes, get_profile(request.profile), asked))
    check_ways(kind, asset.attributes, asked, amounts)


def _nonzero(amounts: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def _terms(work: UnitOfWork, request: AccessRequest, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The limited requirements with the values that are offered: as asked, or as stated instead. Raises `invalid`,
    `beyond_limit`."""
    kind = KINDS[work.session.get_one(Listing, request.listing_id).kind]
    limited = [c.demand for c in kind.criteria if c.test in (Test.AT_LEAST, Test.AT_MOST) and c.demand and c.movable]
    fields = [one for one in kind.requirements if one.name in limited]
    stated, problems = validate_values(fields, given or {}, pointer="/terms", need_all=False)
    if problems:
        raise fail("invalid", problems)
    check_limits(limits_here(work, request, stated))
    return {name: value for name in limited if (value := stated.get(name, request.asked.get(name))) is not None}


def _answer(
    work: UnitOfWork,
    request: AccessRequest,
    origin: str,
    amounts: Mapping[str, int],
    price_minor: int | None,
    window: Window,
    message: str | None,
    terms: Mapping[str, Any] | None,
) -> int:
    """Make the offer as the owner's answer, and tell of it."""
    before = request.status
    facts = make_offer(work, request, origin, amounts, price_minor, window, message, terms)
    touch(work, request)
    action = "request_accepted" if origin == "accept" else "request_countered"
    work.emit(event_of(request, action, {"status": before}, {"status": request.status, **facts}))
    return request.version


def make_offer(
    work: UnitOfWork,
    request: AccessRequest,
    origin: str,
    amounts: Mapping[str, int],
    price_minor: int | None,
    window: Window,
    message: str | None,
    terms: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the offer, hold its capacity until it expires, and let the requester see the asset. Returns what it says."""
    after = REQUEST.move(request.status, origin)
    listings, profile = listings_of(work.session, request), get_profile(request.profile)
    for one in listings:
        check_window(window, Window(one.window_start, one.window_end))
    offered = _terms(work, request, terms)
    quote = valid_quote(work, request) if price_minor is None else None
    price = yearly_minor(quote) if quote is not None else _price(listings, request, price_minor)
    if close_offer(work, request, "released") is not None:
        release(work, holder_of(request))
    clocks.answered(work, request)
    clocks.end(work, request, clocks.ACCEPTANCE)  # of the offer before
    acceptance = clocks.start(work, request, clocks.ACCEPTANCE, request.requester_id, units_of(work, request))
    expires_at = work.database_now + lasts(work, profile, acceptance, work.now)
    held = _hold_all(work, request, listings, amounts, {**request.asked, **offered}, window, expires_at)
    offer = Offer(
        request_id=request.id,
        number=_next_number(work, request),
        origin=origin,
        terms=offered,
        price_minor=price,
        currency=listings[0].currency,
        quote_number=quote.number if quote is not None else None,
        once_items=[item for item in quote.items if item["basis"] == "once"] if quote is not None else [],
        window_start=window.start,
        window_end=window.end,
        message=message,
        expires_at=expires_at,
        created_at=work.now,
        lines=[
            {
                "asset_id": one.asset_id,
                "listing_id": one.id,
                "amounts": held[one.id][0],
                "slots": held[one.id][1],
            }
            for one in listings
        ],
    )
    work.session.add(offer)
    request.status, request.answered_at = after, work.now
    show_offered(work, request, offer)
    end_survey(work, request)
    return {
        "offer": offer.number,
        "amounts": held[listings[0].id][0],
        "slots": held[listings[0].id][1],
        **({"further_slots": {one.ref: held[one.id][1] for one in listings[1:]}} if len(listings) > 1 else {}),
        "terms": offered,
        "price_minor": price,
        "currency": offer.currency,
        "window_start": window.start.isoformat(),
        "window_end": window.end.isoformat(),
        "expires_at": expires_at.isoformat(),
    }


def show_offered(work: UnitOfWork, request: AccessRequest, offer: Offer) -> None:
    """Let the requester see the assets of the offer while it is open."""
    purpose = (request.purpose or "access request")[:200]
    for asset_id in dict.fromkeys(int(line["asset_id"]) for line in offer.lines):
        grant(work, asset_id, request.requester_id, Tier.T3, purpose, offer.expires_at, request.ref)


def lasts(work: UnitOfWork, profile: Profile, acceptance: Deadline | None, made_at: datetime) -> timedelta:
    """How long an offer of `made_at` holds its capacity from now: never shorter than the time in which it may be accepted, and just
    so long where it lapses with that time."""
    days = made_at + timedelta(days=profile.offer_hold_days) - work.now
    if acceptance is None or acceptance.due_at is None:
        return days
    time = acceptance.due_at - work.now
    return time if acceptance.terms["outcome"] == "expire" else max(days, time)


def _hold_all(
    work: UnitOfWork,
    request: AccessRequest,
    listings: Sequence[Listing],
    amounts: Mapping[str, int],
    asked: Mapping[str, Any],
    window: Window,
    expires_at: datetime,
) -> dict[int, tuple[dict[str, int], dict[str, list[int]]]]:
    """Hold the amounts on every listing of the request, all or none; what was held and its slots, by listing. One order of locks
    for everybody. `asked`: what they are for. Raises `no_capacity`, `beyond_limit`."""
    held = {}
    for one in sorted(listings, key=lambda listing: (listing.asset_id, listing.id)):
        holder = replace(holder_of(request), listing_id=one.id)
        limits = {name: to_milli(amount) for name, amount in one.offered.items()}
        wanted = amounts_through(work, one, amounts, asked, window, limits)
        check_ways(KINDS[one.kind], one.asset.attributes, asked, wanted)
        held[one.id] = wanted, hold(work, one.asset_id, one.kind, wanted, window, holder, expires_at, limits=limits)
    return held


def _price(listings: Sequence[Listing], request: AccessRequest, given: int | None) -> int:
    if given is not None:
        if given < 0:
            raise fail(
                "invalid", [Problem("invalid", Text("A price is not negative.", "价格不能为负。"), pointer="/price_minor")]
            )
        return given
    if any(one.price_minor is None for one in listings):
        raise fail(
            "price_missing", [Problem("required", Text("State the price a year.", "请填写年租金。"), pointer="/price_minor")]
        )
    return sum(one.price_minor or 0 for one in listings) * int(request.asked[KINDS[listings[0].kind].quantity])


def _next_number(work: UnitOfWork, request: AccessRequest) -> int:
    return len(work.session.scalars(select(Offer.id).where(Offer.request_id == request.id)).all()) + 1


__all__ = [
    "AcceptRequest",
    "CounterRequest",
    "RefuseRequest",
    "accept_request",
    "agree",
    "asked_amounts",
    "check_allowed",
    "counter_request",
    "expire_offer",
    "lasts",
    "limits_here",
    "make_offer",
    "open_offer",
    "refuse_request",
    "show_offered",
]
