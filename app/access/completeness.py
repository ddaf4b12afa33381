"""Completeness of a request: the owner finds it complete or names everything missing, once, or once more after each supply where the
profile has a clock for that; the requester supplies it; silence deems it complete. And what the other clocks of a request do when they pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.access import clocks
from app.access.disputes import hand_up
from app.access.models import AccessRequest
from app.access.rules import REQUEST
from app.access.service import close_offer, event_of, holder_of, load, touch, units_of
from app.access.settlers import next_settler, settler_of
from app.db.work import UnitOfWork
from app.deadlines import NOBODY_ABOVE, Deadline, Effect
from app.disclosure import revoke
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.ledger import release

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class FindComplete:
    ref: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class NameMissing:
    """`missing`: everything that is missing, all at once."""

    ref: str
    missing: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SupplyMissing:
    ref: str
    message: str
    seen_version: int | None = None


def find_complete(work: UnitOfWork, command: FindComplete) -> int:
    """The owner finds the request complete: the clock of its answer starts. Returns the new version."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    before = request.status
    become_complete(work, request, "find_complete", "found", work.now)
    touch(work, request)
    work.emit(event_of(request, "request_found_complete", {"status": before}, {"status": request.status}))
    return request.version


def name_missing(work: UnitOfWork, command: NameMissing) -> int:
    """The owner names everything that is missing: the check stands until it is supplied, or is over where what is supplied is
    checked in a time of its own. Returns the new version. Raises `nothing_missing`, `missing_named_once`, `completeness_over`."""
    request = load(work, command.ref, "access.answer", command.seen_version)
    before, after = request.status, REQUEST.move(request.status, "name_missing")
    again = clocks.has(work, request, clocks.RESUBMISSION)
    if request.missing_named_at is not None and not again:
        raise fail("missing_named_once")
    if not command.missing.strip():
        raise fail("nothing_missing", [Problem("nothing_missing", Text("Name it.", "请列明。"), pointer="/missing")])
    for clock in clocks.running(work, request.ref):
        if clock.rule in clocks.CHECKS and clock.is_late:
            raise fail("completeness_over", day=clock.due_on)
    request.status, request.missing, request.missing_named_at = after, command.missing.strip(), work.now
    if again:
        clocks.stop(work, request, *clocks.CHECKS)
    else:
        clocks.pause(work, request, "more_information", clocks.COMPLETENESS)
    touch(work, request)
    after_facts = {"status": request.status, "missing": request.missing}
    work.emit(event_of(request, "request_incomplete", {"status": before}, after_facts))
    return request.version


def supply_missing(work: UnitOfWork, command: SupplyMissing) -> int:
    """The requester supplies what was named missing: the check goes on from where it stood, or anew. Returns the new
    version."""
    request = load(work, command.ref, "access.supply", command.seen_version)
    before = request.status
    request.status = REQUEST.move(request.status, "supply")
    if not command.message.strip():
        raise fail("reason_missing", [Problem("required", Text("Say what you supply.", "请说明补正内容。"), pointer="/message")])
    if clocks.has(work, request, clocks.RESUBMISSION):
        clocks.stop(work, request, clocks.COMPLETENESS)
        clocks.start(work, request, clocks.RESUBMISSION, request.owner_id, units_of(work, request))
    else:
        clocks.resume(work, request, clocks.COMPLETENESS)
    touch(work, request)
    facts = {"status": request.status, "supplied": command.message.strip()}
    work.emit(event_of(request, "request_supplied", {"status": before}, facts))
    return request.version


def become_complete(work: UnitOfWork, request: AccessRequest, action: str, how: str, at: datetime) -> None:
    """The request is complete at `at`: the clocks of the answer start."""
    request.status = REQUEST.move(request.status, action)
    request.completeness, request.complete_at = how, at
    clocks.stop(work, request, *clocks.CHECKS)
    start_answer(work, request, at)


def start_answer(work: UnitOfWork, request: AccessRequest, at: datetime) -> None:
    """The owner must answer a request that is complete."""
    units = units_of(work, request)
    clocks.start(work, request, clocks.ANSWER, request.owner_id, units, at)
    clocks.start(work, request, clocks.ESCALATION, request.owner_id, units, at)


def _subject(work: UnitOfWork, row: Deadline) -> AccessRequest:
    return work.session.scalars(select(AccessRequest).where(AccessRequest.ref == row.subject_ref).with_for_update()).one()


def deemed_complete(work: UnitOfWork, row: Deadline) -> Effect:
    """Silence on completeness: complete from the end of the day on which the time ended, however late the job is."""
    request = _subject(work, row)
    if not REQUEST.allows(request.status, "deem_complete") or row.due_at is None:
        return Effect()
    before = request.status
    request.status = REQUEST.move(before, "deem_complete")
    request.completeness, request.complete_at = "deemed", row.due_at - INSTANT
    start_answer(work, request, row.due_at - INSTANT)
    touch(work, request)
    return _effect(request, before)


def escalated(work: UnitOfWork, row: Deadline) -> Effect:
    """Silence on the answer takes the request to the competent administration; a dispute that is not decided goes a level up."""
    request = _subject(work, row)
    if row.rule == clocks.SETTLEMENT:
        return _higher(work, request, row)
    request.escalated_at = row.due_at
    touch(work, request)
    told = settler_of(work, request)
    return _effect(request, request.status, (told,) if told is not None else ())


def _higher(work: UnitOfWork, request: AccessRequest, row: Deadline) -> Effect:
    above = next_settler(work, request, row.organisation_id)
    if request.status != "disputed":
        return Effect()
    if above is None:
        return Effect(region=request.region, instead=NOBODY_ABOVE)
    was, request.settler_id = request.settler_id, above
    hand_up(work, request, above)
    touch(work, request)
    return Effect({"regulator": was}, {"regulator": above}, (request.owner_id, request.requester_id, above), request.region)


def lapsed(work: UnitOfWork, row: Deadline) -> Effect:
    """Nobody took the offer in time: it lapses, and its capacity is free again. A dispute about it goes on."""
    request = _subject(work, row)
    if request.status == "disputed":
        if close_offer(work, request, "expired") is not None:
            release(work, holder_of(request))
            touch(work, request)
        return Effect(region=request.region)
    if not REQUEST.allows(request.status, "expire"):
        return Effect()
    before = request.status
    request.status = REQUEST.move(before, "expire")
    close_offer(work, request, "expired")
    release(work, holder_of(request))
    revoke(work, request.ref)
    touch(work, request)
    return _effect(request, before)


def _effect(request: AccessRequest, before: str, more: tuple[int, ...] = ()) -> Effect:
    parties = (request.owner_id, request.requester_id, *more)
    return Effect({"status": before}, {"status": request.status}, parties, request.region, {"request_id": request.id})


OUTCOMES = {"deem_complete": deemed_complete, "escalate": escalated, "expire": lapsed}
