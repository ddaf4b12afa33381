"""Use cases of the requester: apply on a match, change, submit, withdraw. The owner's answers are in answers.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.access import clocks
from app.access.models import AccessRequest, Dispute, Offer, Survey
from app.access.rules import OPEN, REQUEST, check_window, window_of
from app.access.sections import add_sections, listings_of, standing_request
from app.accounts import Organisation
from app.assets import facts_of
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.catalogue.validation import validate_values
from app.db.work import Reader, UnitOfWork
from app.disclosure import revoke, tier_for
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.kernel.version import check_version
from app.ledger import Holder, release
from app.listings import Listing
from app.matching import Match
from app.needs import Need, need_detail

HOLDER = "access_request"


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """Apply with a need on a listing. Window and quantity default to what the need still asks for. `submit`: at once. `further`:
    other listings of the same owner, asked for together with the first: the sections of a route's leg."""

    need_ref: str
    listing_ref: str
    message: str | None = None
    purpose: str | None = None
    quantity: int | None = None
    window_start: date | None = None
    window_end: date | None = None
    submit: bool = False
    further: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EditRequest:
    ref: str
    seen_version: int | None = None
    message: str | None = None
    purpose: str | None = None
    quantity: int | None = None
    window_start: date | None = None
    window_end: date | None = None


@dataclass(frozen=True, slots=True)
class MoveRequest:
    ref: str
    seen_version: int | None = None


def holder_of(request: AccessRequest) -> Holder:
    return Holder(HOLDER, request.ref, request.requester_id, request.listing_id)


def subject_of(request: AccessRequest) -> Subject:
    """A draft has neither owner nor administration yet."""
    if request.status == "draft":
        return Subject(requester_id=request.requester_id, status=request.status, region="-")
    return Subject(
        owner_id=request.owner_id,
        requester_id=request.requester_id,
        regulator_ids=frozenset({request.settler_id} if request.settler_id is not None else ()),
        region=request.region,
        status=request.status,
    )


def exists_for(reader: Reader, request: AccessRequest) -> bool:
    """A draft exists for its requester only."""
    return request.status != "draft" or reader.actor.is_system or request.requester_id in reader.actor.subtree


def load(work: UnitOfWork, ref: str, policy: str, seen_version: int | None = None) -> AccessRequest:
    """The request, if the actor may do `policy` to it in the version it saw."""
    request = work.session.scalar(select(AccessRequest).where(AccessRequest.ref == ref).with_for_update())
    if request is None or not exists_for(work, request):
        raise fail("not_found")
    work.permit(policy, subject_of(request))
    check_version(seen_version, request.version)
    return request


def create_request(work: UnitOfWork, command: CreateRequest) -> str:
    """Apply on a match. Who may: drafters of the need's organisation; submitting takes a manager.

    Raises `not_found`, `not_matched`, `own_listing`, `request_open`, `outside_window`."""
    need = work.session.scalar(select(Need).where(Need.ref == command.need_ref))
    if need is None:
        raise fail("not_found")
    need_detail(work, need.ref)  # what one may not see is not there
    work.permit("access.create", Subject(requester_id=need.organisation_id))
    listing, *further = [_listing(work, ref) for ref in (command.listing_ref, *command.further)]
    start, end = command.window_start or need.window_start, command.window_end or need.window_end
    window = window_of(start, end)
    for one in (listing, *further):
        _check_pair(work, need, one)
        if one.owner_id != listing.owner_id:
            raise fail("not_matched")
        check_window(window, Window(one.window_start, one.window_end))
    request = AccessRequest(
        need_id=need.id,
        listing_id=listing.id,
        requester_id=need.organisation_id,
        owner_id=listing.owner_id,
        region=listing.region,
        profile=work.session.get_one(Organisation, listing.owner_id).profile,
        asked=_asked(need, command.quantity),
        window_start=window.start,
        window_end=window.end,
        message=command.message,
        purpose=command.purpose or need.title,
        created_at=work.now,
    )
    work.session.add(request)
    work.session.flush()
    add_sections(work.session, request, further)
    if command.submit:
        work.permit("access.submit", subject_of(request))
        _submit(work, request)
    work.emit(
        event_of(
            request,
            "request_submitted" if command.submit else "request_created",
            {},
            {
                "status": request.status,
                "need": need.ref,
                "listing": listing.ref,
                **({"further_listings": [one.ref for one in further]} if further else {}),
                "asked": request.asked,
                "window_start": window.start.isoformat(),
                "window_end": window.end.isoformat(),
            },
        )
    )
    return request.ref


def edit_request(work: UnitOfWork, command: EditRequest) -> int:
    """Change a draft. Returns the new version."""
    request = load(work, command.ref, "access.edit", command.seen_version)
    REQUEST.move(request.status, "edit")
    need, before = work.session.get_one(Need, request.need_id), _facts(request)
    window = window_of(command.window_start or request.window_start, command.window_end or request.window_end)
    for one in listings_of(work.session, request):
        check_window(window, Window(one.window_start, one.window_end))
    request.window_start, request.window_end = window.start, window.end
    request.message, request.purpose = command.message, command.purpose or request.purpose
    if command.quantity is not None:
        request.asked = _asked(need, command.quantity)
    touch(work, request)
    work.emit(event_of(request, "request_edited", before, _facts(request)))
    return request.version


def submit_request(work: UnitOfWork, command: MoveRequest) -> int:
    """Send the request to the owner: its clock starts. Returns the new version."""
    request = load(work, command.ref, "access.submit", command.seen_version)
    before = request.status
    need, listings = work.session.get_one(Need, request.need_id), listings_of(work.session, request)
    if need.status not in ("published", "matched") or any(one.status != "published" for one in listings):
        raise fail("not_matched")
    _submit(work, request)
    touch(work, request)
    work.emit(event_of(request, "request_submitted", {"status": before}, {"status": request.status}))
    return request.version


def withdraw_request(work: UnitOfWork, command: MoveRequest) -> int:
    """Take the request back; an open offer's capacity is free again. Returns the new version."""
    request = load(work, command.ref, "access.withdraw", command.seen_version)
    before = request.status
    request.status = REQUEST.move(request.status, "withdraw")
    close_offer(work, request, "released")
    release(work, holder_of(request))
    if before != "draft":
        clocks.end(work, request, *clocks.ANSWERS, *clocks.BESIDE, clocks.ACCEPTANCE, clocks.SETTLEMENT)
    end_survey(work, request)
    _end_dispute(work, request)
    revoke(work, request.ref)
    touch(work, request)
    settling = (request.settler_id,) if before == "disputed" and request.settler_id is not None else ()
    work.emit(event_of(request, "request_withdrawn", {"status": before}, {"status": request.status}, settling))
    return request.version


def _submit(work: UnitOfWork, request: AccessRequest) -> None:
    """The owner checks whether it is complete, where the profile has a clock for that; else it must answer at once."""
    request.status, request.submitted_at = REQUEST.move(request.status, "submit"), work.now
    rule = clocks.COMPLETENESS if clocks.has(work, request, clocks.COMPLETENESS) else clocks.ANSWER
    clocks.start(work, request, rule, request.owner_id, units_of(work, request))


def units_of(work: UnitOfWork, request: AccessRequest) -> int:
    """Size of the order: how many of what the kind counts, with all that the same requester asked of the same owner within the
    days in which the profile counts requests as one order."""
    order = get_profile(request.profile).order
    if order is None or request.submitted_at is None:
        return quantity_of(work, request)
    near = select(AccessRequest).where(
        AccessRequest.requester_id == request.requester_id,
        AccessRequest.owner_id == request.owner_id,
        AccessRequest.region == request.region,
        AccessRequest.status.not_in(("draft", "withdrawn")),
        AccessRequest.submitted_at.between(
            request.submitted_at - timedelta(days=order.days), request.submitted_at + timedelta(days=order.days)
        ),
    )
    return sum(quantity_of(work, one) for one in {request, *work.session.scalars(near)})


def order_of(work: UnitOfWork, request_id: int) -> int | None:
    """Size of the order that a request is part of; None where the profile's clocks are not about its kind of asset."""
    request = work.session.get_one(AccessRequest, request_id)
    return units_of(work, request) if clocks.covered(work, request) else None


def quantity_of(work: UnitOfWork, request: AccessRequest) -> int:
    return int(request.asked[KINDS[work.session.get_one(Listing, request.listing_id).kind].quantity])


def end_survey(work: UnitOfWork, request: AccessRequest) -> None:
    """The request was answered or taken back: nobody looks at the site for it any more."""
    survey = work.session.scalar(select(Survey).where(Survey.request_id == request.id, Survey.status.in_(("asked", "dated"))))
    if survey is not None:
        survey.status, survey.updated_at = "void", work.now


def another_open(work: UnitOfWork, request: AccessRequest) -> str | None:
    """The ref of another open request of the same need on the same listing."""
    return work.session.scalar(
        select(AccessRequest.ref).where(
            AccessRequest.need_id == request.need_id,
            AccessRequest.listing_id == request.listing_id,
            AccessRequest.status.in_(OPEN),
            AccessRequest.id != request.id,
        )
    )


def _end_dispute(work: UnitOfWork, request: AccessRequest) -> None:
    dispute = work.session.scalar(select(Dispute).where(Dispute.request_id == request.id, Dispute.status == "open"))
    if dispute is not None:
        dispute.status, dispute.updated_at = "withdrawn", work.now


def _listing(work: UnitOfWork, ref: str) -> Listing:
    found = work.session.scalar(select(Listing).where(Listing.ref == ref))
    if found is None:
        raise fail("not_found")
    return found


def _check_pair(work: UnitOfWork, need: Need, listing: Listing) -> None:
    """A request is made on a match; or on a listing of the same kind that the requester can see one by one."""
    if listing.owner_id == need.organisation_id or listing.owner_id in work.actor.subtree:
        raise fail("own_listing")
    if listing.status != "published" or listing.kind != need.kind or need.status not in ("published", "matched"):
        raise fail("not_matched")
    if work.session.get(Match, (need.id, listing.id)) is None:
        tier = tier_for(work, facts_of(work.session, [listing.asset])[0])
        if tier is None or tier == 0:
            raise fail("not_found")
    standing = standing_request(work.session, need.id, listing.id)
    if standing is not None:
        raise fail("request_open", ref=standing)


def _asked(need: Need, quantity: int | None) -> dict[str, Any]:
    """The need's requirements with the number asked for here: what is still outstanding, unless told."""
    kind = KINDS[need.kind]
    asked = {**need.requirements, kind.quantity: need.quantity_outstanding if quantity is None else quantity}
    values, problems = validate_values(kind.requirements, asked, pointer="/asked")
    if problems:
        raise fail("invalid", problems)
    if not 1 <= asked[kind.quantity] <= need.quantity_outstanding:
        too_many = Text("Ask for 1 to {most}: what the need still lacks.", "请填写 1 至 {most}（需求尚缺数量）。").format(
            most=need.quantity_outstanding
        )
        raise fail("invalid", [Problem("invalid", too_many, pointer="/quantity")])
    return dict(values)


def _facts(request: AccessRequest) -> dict[str, Any]:
    return {
        "message": request.message,
        "purpose": request.purpose,
        "asked": dict(request.asked),
        "window_start": request.window_start.isoformat(),
        "window_end": request.window_end.isoformat(),
    }


def touch(work: UnitOfWork, request: AccessRequest) -> None:
    request.version, request.updated_at = request.version + 1, work.now


def open_offer(work: UnitOfWork, request: AccessRequest) -> Offer | None:
    return work.session.scalar(select(Offer).where(Offer.request_id == request.id, Offer.status == "open"))


def close_offer(work: UnitOfWork, request: AccessRequest, status: str) -> Offer | None:
    """End the open offer, if there is one: an offer ends once."""
    offer = open_offer(work, request)
    if offer is not None:
        offer.status, offer.updated_at = status, work.now
        work.session.flush()
    return offer


def event_of(
    request: AccessRequest, action: str, before: Mapping[str, Any], after: Mapping[str, Any], more: tuple[int, ...] = ()
) -> Event:
    """One event per change. A draft concerns its requester only; a dispute its regulator too (`more`)."""
    concerned = (request.requester_id,) if request.status == "draft" else (request.requester_id, request.owner_id, *more)
    return Event(
        f"access.{action}",
        "access_request",
        request.ref,
        concerned,
        before,
        after,
        None if request.status == "draft" else request.region,
        {"request_id": request.id},
    )
