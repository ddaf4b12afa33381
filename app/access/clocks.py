"""The clocks of an access request: the owner's answer, the requester's acceptance. The deadlines room keeps and derives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.access.models import AccessRequest
from app.catalogue.profiles import get_profile
from app.db.work import Reader, UnitOfWork
from app.deadlines import ClockView, clocks_of, due_dates_of, meet_deadline, start_deadline

SUBJECT = "access_request"
ANSWER, ACCEPTANCE = "request_answer", "offer_acceptance"


def start(work: UnitOfWork, request: AccessRequest, rule: str, organisation_id: int, units: int) -> None:
    """Start a clock where the profile has that rule. `units`: size of the order."""
    profile = get_profile(request.profile)
    if profile.clock(rule) is not None:
        start_deadline(work, profile, rule, SUBJECT, request.ref, organisation_id, work.now, units)


def stop(work: UnitOfWork, request: AccessRequest, rule: str) -> None:
    """The act that a clock waited for was done, or is no longer waited for."""
    meet_deadline(work, SUBJECT, request.ref, rule)


def running(reader: Reader, ref: str) -> tuple[ClockView, ...]:
    """Every clock of the request, with its derivation."""
    return clocks_of(reader, SUBJECT, ref)


def due_dates(reader: Reader, refs: Sequence[str]) -> Mapping[str, date]:
    """The nearest due date of each request that waits for somebody."""
    return due_dates_of(reader.session, SUBJECT, refs)
