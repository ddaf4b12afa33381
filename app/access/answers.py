"""Use cases of the owner: accept, counter, refuse; and how an offer ends: taken, or expired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from app.access import clocks
from app.access.models import AccessRequest, Offer
from app.access.rules import REQUEST, check_refusal, check_window, window_of
from app.access.service import close_offer, event_of, holder_of, load, open_offer, touch, units_of
from app.attachments import Attachment
from app.catalogue.demand import demand
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
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
    """`amounts`: dimension → amount in its unit, None: as asked. Window None: as asked."""

    ref: str
    seen_version: int | None = None
    amounts: Mapping[str, float] | None = None
    price_minor: int | None = None
    window_start: date | None = None
    window_end: date | None = None
    message: str | None = None


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
    return _offer(work, request, "accept", _asked_amounts(work, request), command.price_minor, window, command.message)


def counter_request(work: UnitOfWork, command: CounterRequest) -> int:
    """Offer something else: other amounts, price or period; it replaces an open counter-offer. Returns the new version."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    amounts = _asked_amounts(work, request)
    if command.amounts is not None:
        amounts = {name: to_milli(amount) for name, amount in command.amounts.items() if amount}
    window = window_of(command.window_start or request.window_start, command.window_end or request.window_end)
    return _offer(work, request, "counter", amounts, command.price_minor, window, command.message)


def refuse_request(work: UnitOfWork, command: RefuseRequest) -> int:
    """Refuse on a ground of the profile's closed list, with its evidence attached to the request. Returns the new version.

    Raises `unknown_refusal_ground`, `refusal_evidence_missing`, `reason_missing`."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    before, after = request.status, REQUEST.move(request.status, "refuse")
    check_refusal(request.profile, command.ground, command.reason, command.evidence)
    _check_attached(work, request, command.evidence)
    request.status, request.answered_at = after, work.now
    request.refusal_ground, request.refusal_reason, request.refusal_evidence = (
        command.ground,
        command.reason.strip(),
        dict(command.evidence),
    )
    clocks.stop(work, request, clocks.ANSWER)
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

    Raises `no_open_offer`, `hold_lapsed`."""
    request = load(work, ref, "access.agree", seen_version)
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
    if request is None or not REQUEST.allows(request.status, "expire"):
        return
    request.status = REQUEST.move(request.status, "expire")
    close_offer(work, request, "expired")
    clocks.stop(work, request, clocks.ACCEPTANCE)
    revoke(work, request.ref)
    touch(work, request)


def _asked_amounts(work: UnitOfWork, request: AccessRequest) -> dict[str, int]:
    return demand(KINDS[work.session.get_one(Listing, request.listing_id).kind], request.asked)


def _offer(
    work: UnitOfWork,
    request: AccessRequest,
    origin: str,
    amounts: Mapping[str, int],
    price_minor: int | None,
    window: Window,
    message: str | None,
) -> int:
    """Make the offer, hold its capacity until it expires, and let the requester see the asset."""
    before, after = request.status, REQUEST.move(request.status, origin)
    listing, profile = work.session.get_one(Listing, request.listing_id), get_profile(request.profile)
    check_window(window, Window(listing.window_start, listing.window_end))
    price = _price(listing, request, price_minor)
    if close_offer(work, request, "released") is not None:
        release(work, holder_of(request))
    expires_at = work.database_now + timedelta(days=profile.offer_hold_days)
    limits = {name: to_milli(amount) for name, amount in listing.offered.items()}
    slots = hold(work, listing.asset_id, listing.kind, amounts, window, holder_of(request), expires_at, limits=limits)
    offer = Offer(
        request_id=request.id,
        number=_next_number(work, request),
        origin=origin,
        price_minor=price,
        currency=listing.currency,
        window_start=window.start,
        window_end=window.end,
        message=message,
        expires_at=expires_at,
        created_at=work.now,
        lines=[{"asset_id": listing.asset_id, "listing_id": listing.id, "amounts": dict(amounts), "slots": slots}],
    )
    work.session.add(offer)
    request.status, request.answered_at = after, work.now
    grant(
        work,
        listing.asset_id,
        request.requester_id,
        Tier.T3,
        (request.purpose or "access request")[:200],
        expires_at,
        request.ref,
    )
    clocks.stop(work, request, clocks.ANSWER)
    clocks.stop(work, request, clocks.ACCEPTANCE)
    clocks.start(work, request, clocks.ACCEPTANCE, request.requester_id, units_of(work, request))
    touch(work, request)
    work.emit(
        event_of(
            request,
            "request_accepted" if origin == "accept" else "request_countered",
            {"status": before},
            {
                "status": request.status,
                "offer": offer.number,
                "amounts": dict(amounts),
                "slots": slots,
                "price_minor": price,
                "currency": offer.currency,
                "window_start": window.start.isoformat(),
                "window_end": window.end.isoformat(),
                "expires_at": expires_at.isoformat(),
            },
        )
    )
    return request.version


def _price(listing: Listing, request: AccessRequest, given: int | None) -> int:
    if given is not None:
        if given < 0:
            raise fail(
                "invalid", [Problem("invalid", Text("A price is not negative.", "价格不能为负。"), pointer="/price_minor")]
            )
        return given
    if listing.price_minor is None:
        raise fail(
            "price_missing", [Problem("required", Text("State the price a year.", "请填写年租金。"), pointer="/price_minor")]
        )
    return int(listing.price_minor * request.asked[KINDS[listing.kind].quantity])


def _next_number(work: UnitOfWork, request: AccessRequest) -> int:
    return len(work.session.scalars(select(Offer.id).where(Offer.request_id == request.id)).all()) + 1


def _check_attached(work: UnitOfWork, request: AccessRequest, evidence: Mapping[str, str]) -> None:
    """Every document that is named as evidence is attached to this request by its owner, and still there."""
    refs = set(evidence.values())
    found = set(
        work.session.scalars(
            select(Attachment.ref).where(
                Attachment.ref.in_(refs),
                Attachment.subject_type == "access_request",
                Attachment.subject_ref == request.ref,
                Attachment.purpose == "evidence",
                Attachment.organisation_id == request.owner_id,
                Attachment.removed_at.is_(None),
            )
        )
    )
    if refs - found:
        missing = Text(", ".join(sorted(refs - found)), "、".join(sorted(refs - found)))
        raise fail("refusal_evidence_missing", evidence=missing)


__all__ = [
    "AcceptRequest",
    "CounterRequest",
    "RefuseRequest",
    "accept_request",
    "agree",
    "counter_request",
    "expire_offer",
    "open_offer",
    "refuse_request",
]
