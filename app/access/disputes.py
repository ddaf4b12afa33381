"""Disputes: the requester takes a refusal, an offer or silence to the competent regulator, whose decision binds and is carried
out: the answer is upheld, access is ordered on terms, or the price is set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.access import clocks
from app.access.answers import asked_amounts, make_offer
from app.access.evidence import check_attached
from app.access.models import AccessRequest, Dispute
from app.access.rules import REQUEST
from app.access.service import another_open, event_of, load, open_offer, touch
from app.access.settlers import settler_of
from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.kernel.timewindow import Window
from app.regions import region_name

DECIDED = ("uphold", "order", "price")


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """`claim`: what is wrong and what is asked for."""

    ref: str
    claim: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class DecideDispute:
    """decision: uphold, order, price. `price_minor`: a year; needed for a price, and for an order where the listing names none.
    Window None: as asked, or as offered. `documents`: attachments that the decision rests on."""

    ref: str
    decision: str
    reasons: str
    price_minor: int | None = None
    window_start: date | None = None
    window_end: date | None = None
    documents: Sequence[str] = field(default_factory=tuple)
    seen_version: int | None = None


def open_dispute(work: UnitOfWork, command: OpenDispute) -> int:
    """Go to the competent regulator: about a refusal, a counter-offer, or silence that the clock has escalated. Its own clock
    starts. Who may: managers of the requester. Raises `not_silent_yet`, `reason_missing`, `no_settler`."""
    request = load(work, command.ref, "access.dispute", command.seen_version)
    about, after = request.status, REQUEST.move(request.status, "dispute")
    if about == "complete" and request.escalated_at is None:
        raise fail("not_silent_yet")
    if not command.claim.strip():
        raise fail("reason_missing", [Problem("required", Text("Say what is wrong.", "请说明争议事项。"), pointer="/claim")])
    standing = another_open(work, request)
    if standing is not None:
        raise fail("request_open", ref=standing)
    settler = settler_of(work, request)
    if settler is None:
        raise fail("no_settler", region=region_name(request.region))
    last = work.session.scalar(select(func.max(Dispute.number)).where(Dispute.request_id == request.id))
    dispute = Dispute(
        request_id=request.id,
        number=(last or 0) + 1,
        opened_by=request.requester_id,
        regulator_id=settler,
        about=about,
        claim=command.claim.strip(),
        created_at=work.now,
    )
    work.session.add(dispute)
    request.status, request.settler_id = after, settler
    clocks.start(work, request, clocks.SETTLEMENT, settler, 1)
    touch(work, request)
    facts = {"status": after, "dispute": dispute.number, "claim": dispute.claim, "regulator": settler}
    work.emit(event_of(request, "dispute_opened", {"status": about}, facts, (settler,)))
    return request.version


def decide_dispute(work: UnitOfWork, command: DecideDispute) -> int:
    """Decide, and carry the decision out: what is ordered is offered and holds its capacity. Who may: officers of that regulator.

    Raises `invalid`, `reason_missing`, `nothing_to_uphold`, `price_missing`, `no_capacity`, `beyond_limit`."""
    request = load(work, command.ref, "access.settle", command.seen_version)
    dispute = work.session.scalar(select(Dispute).where(Dispute.request_id == request.id, Dispute.status == "open"))
    if dispute is None:
        raise fail(
            "illegal_transition", subject=REQUEST.subject, state=REQUEST.states[request.status], action=Text("decide", "裁决")
        )
    _check(work, request, command)
    changed: dict[str, Any] = {}
    if command.decision == "uphold":
        _uphold(work, request, dispute)
    else:
        changed = _order(work, request, dispute, command)
    dispute.status, dispute.decision, dispute.reasons = "decided", command.decision, command.reasons.strip()
    dispute.decided_at, dispute.decided_by, dispute.updated_at = work.now, work.actor.user_id, work.now
    dispute.terms, dispute.documents = changed, list(command.documents)
    clocks.stop(work, request, clocks.SETTLEMENT)
    touch(work, request)
    facts = {
        "status": request.status,
        "dispute": dispute.number,
        "decision": dispute.decision,
        "reasons": dispute.reasons,
        "documents": dispute.documents,
        **changed,
    }
    work.emit(event_of(request, "dispute_decided", {"status": "disputed"}, facts, (dispute.regulator_id,)))
    return request.version


def _check(work: UnitOfWork, request: AccessRequest, command: DecideDispute) -> None:
    if command.decision not in DECIDED:
        raise fail("invalid", [Problem("invalid", Text("Choose a decision.", "请选择裁决结果。"), pointer="/decision")])
    if not command.reasons.strip():
        raise fail("reason_missing", [Problem("required", Text("Give the reasons.", "请说明理由。"), pointer="/reasons")])
    if command.decision == "price" and command.price_minor is None:
        raise fail(
            "price_missing", [Problem("required", Text("Set the price a year.", "请填写年租金。"), pointer="/price_minor")]
        )
    if command.documents:
        check_attached(work, request, set(command.documents), ("decision",), work.actor.organisation_id)


def _uphold(work: UnitOfWork, request: AccessRequest, dispute: Dispute) -> None:
    """The owner's answer stands."""
    if dispute.about == "complete":
        raise fail("nothing_to_uphold")
    stands = dispute.about == "countered" and open_offer(work, request) is not None
    if dispute.about == "countered" and not stands:
        request.status = REQUEST.move(request.status, "lapse")  # its offer expired meanwhile: nothing is left to take
    else:
        request.status = REQUEST.move(request.status, "uphold_offer" if stands else "uphold")


def _order(work: UnitOfWork, request: AccessRequest, dispute: Dispute, command: DecideDispute) -> dict[str, Any]:
    """Offer by order what was asked; about a counter-offer, what was offered, at the price that is set."""
    offered = open_offer(work, request) if command.decision == "price" else None
    amounts, terms = asked_amounts(work, request), None
    start, end = request.window_start, request.window_end
    if offered is not None:
        amounts, terms = dict(offered.lines[0]["amounts"]), dict(offered.terms)
        start, end = offered.window_start, offered.window_end
    window = Window(command.window_start or start, command.window_end or end)
    return make_offer(work, request, "order", amounts, command.price_minor, window, command.reasons.strip(), terms)


def hand_up(work: UnitOfWork, request: AccessRequest, regulator_id: int) -> None:
    """The dispute goes to the next level up."""
    dispute = work.session.scalars(select(Dispute).where(Dispute.request_id == request.id, Dispute.status == "open")).one()
    dispute.regulator_id, dispute.updated_at = regulator_id, work.now
    clocks.start(work, request, clocks.SETTLEMENT, regulator_id, 1)
