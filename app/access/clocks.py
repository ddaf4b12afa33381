"""The clocks of an access request: completeness, once more after what was missing, answer, escalation, survey, estimate,
acceptance, settlement of a dispute.

The deadlines room keeps and derives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.access.models import AccessRequest
from app.catalogue.profiles import get_profile
from app.db.work import Reader, UnitOfWork
from app.deadlines import (
    ClockView,
    Deadline,
    clocks_of,
    due_dates_of,
    end_deadline,
    let_pass,
    meet_deadline,
    pause_deadline,
    resume_deadline,
    start_deadline,
)
from app.listings import Listing

SUBJECT = "access_request"
COMPLETENESS, ANSWER, ESCALATION = "request_completeness", "request_answer", "request_escalation"
RESUBMISSION, SURVEY, ESTIMATE = "request_resubmission", "survey", "estimate"
ACCEPTANCE, SETTLEMENT = "offer_acceptance", "dispute_decision"
CHECKS = (COMPLETENESS, RESUBMISSION)
ANSWERS = (*CHECKS, ANSWER, ESCALATION)
BESIDE = (SURVEY, ESTIMATE)


def covered(reader: Reader, request: AccessRequest) -> bool:
    """Whether the profile's rules are about this kind of asset: the GIA's clocks do not run for a cable."""
    return reader.session.get_one(Listing, request.listing_id).kind in get_profile(request.profile).kinds


def has(reader: Reader, request: AccessRequest, rule: str) -> bool:
    return get_profile(request.profile).clock(rule) is not None and covered(reader, request)


def start(
    work: UnitOfWork, request: AccessRequest, rule: str, organisation_id: int, units: int, at: datetime | None = None
) -> Deadline | None:
    """Start a clock where the profile has that rule for such an asset. `units`: size of the order. `at`: when the event was, else now."""
    profile = get_profile(request.profile)
    if not has(work, request, rule):
        return None
    parties = (request.owner_id, request.requester_id)
    return start_deadline(work, profile, rule, SUBJECT, request.ref, organisation_id, at or work.now, units, parties)


def pause(work: UnitOfWork, request: AccessRequest, reason: str, *rules: str) -> None:
    """Let these clocks stand where they run and their rule allows that reason."""
    for clock in running(work, request.ref):
        if clock.rule in rules and clock.status == "running" and reason in clock.pauses_for:
            pause_deadline(work, SUBJECT, request.ref, clock.rule, reason)


def resume(work: UnitOfWork, request: AccessRequest, *rules: str) -> None:
    for clock in running(work, request.ref):
        if clock.rule in rules and clock.status == "paused":
            resume_deadline(work, SUBJECT, request.ref, clock.rule)


def stop(work: UnitOfWork, request: AccessRequest, *rules: str) -> None:
    """The act that these clocks waited for was done."""
    for rule in rules:
        meet_deadline(work, SUBJECT, request.ref, rule)


def end(work: UnitOfWork, request: AccessRequest, *rules: str) -> None:
    """The act that these clocks waited for is no longer waited for."""
    for rule in rules:
        end_deadline(work, SUBJECT, request.ref, rule)


def answered(work: UnitOfWork, request: AccessRequest) -> None:
    """The owner has answered: nothing else of it is waited for."""
    stop(work, request, *ANSWERS)
    end(work, request, *BESIDE)


def lapse(work: UnitOfWork, request: AccessRequest, rule: str) -> None:
    """The time was up and what the clock brings is done: it has passed. One that still ran is no longer waited for."""
    let_pass(work, SUBJECT, request.ref, rule)
    if any(clock.rule == rule and clock.status == "running" for clock in running(work, request.ref)):
        end_deadline(work, SUBJECT, request.ref, rule)


def running(reader: Reader, ref: str) -> tuple[ClockView, ...]:
    """Every clock of the request, with its derivation."""
    return clocks_of(reader, SUBJECT, ref)


def due_dates(reader: Reader, refs: Sequence[str]) -> Mapping[str, date]:
    """The nearest due date of each request that waits for somebody."""
    return due_dates_of(reader.session, SUBJECT, refs)
