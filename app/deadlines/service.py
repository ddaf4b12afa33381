"""Use of clocks by other features, inside their use cases: start, meet, pause, resume; and what happens when one passes.

Starting and meeting announce nothing of their own: the act that caused them is the event. A clock that passes is one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.catalogue.profiles import Clock, Profile, get_profile
from app.db.work import UnitOfWork
from app.deadlines.models import Deadline
from app.deadlines.rules import as_json, count, end_of, local_day, pauses_of
from app.kernel.errors import fail
from app.kernel.event import Event

CHECK = "deadlines.check"
WAITING = ("running", "paused")


def clock_of(profile: Profile, rule: str) -> Clock:
    """The rule's clock, or `no_such_clock`."""
    found = profile.clock(rule)
    if found is None:
        raise fail("no_such_clock", rule=rule)
    return found


def start_deadline(
    work: UnitOfWork,
    profile: Profile,
    rule: str,
    subject_type: str,
    subject_ref: str,
    organisation_id: int,
    started_at: datetime,
    units: int = 1,
) -> Deadline:
    """Start the clock `rule` of `profile` on a subject; `organisation_id` must act. `units`: size of the order, where lengths
    depend on it.

    Raises `no_such_clock`, and `clock_running` when that organisation's clock runs on the subject already."""
    clock = clock_of(profile, rule)
    if _waiting(work, subject_type, subject_ref, rule, organisation_id):
        raise fail("clock_running", clock=clock.label)
    row = Deadline(
        subject_type=subject_type,
        subject_ref=subject_ref,
        rule=rule,
        profile=profile.code,
        organisation_id=organisation_id,
        units=units,
        started_at=started_at,
        calendar=clock.calendar,
        consequence_en=clock.consequence.en,
        consequence_zh=clock.consequence.zh,
        created_at=work.now,
        status="running",
        pauses=[],
    )
    _count_again(work, row, clock, profile)
    work.session.add(row)
    work.session.flush()
    _watch(work, row)
    return row


def meet_deadline(
    work: UnitOfWork,
    subject_type: str,
    subject_ref: str,
    rule: str,
    organisation_id: int | None = None,
) -> list[Deadline]:
    """Stop the clocks of `rule` on a subject (one organisation's, or all): the act was done, late ones too. None running:
    nothing happens."""
    rows = _waiting(work, subject_type, subject_ref, rule, organisation_id, ("running", "paused", "passed"))
    for row in rows:
        row.status, row.met_at, row.updated_at = "met", work.now, work.now
    work.session.flush()
    return rows


def pause_deadline(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str, reason: str) -> list[Deadline]:
    """Let the clock stand from tomorrow on, for a reason that the rule allows. Raises `clock_not_running`,
    `pause_not_allowed`."""
    rows, clock, profile = _one_rule(work, subject_type, subject_ref, rule, "running")
    if reason not in {allowed.code for allowed in clock.pauses}:
        raise fail("pause_not_allowed", clock=clock.label, reason=reason)
    today = local_day(work.now, profile.time_zone)
    for row in rows:
        row.pauses = [*row.pauses, {"from": today.isoformat(), "to": None, "reason": reason}]
        row.status, row.updated_at = "paused", work.now
        _count_again(work, row, clock, profile)
    work.session.flush()
    return rows


def resume_deadline(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str) -> list[Deadline]:
    """Let a paused clock run again from today on. Raises `clock_not_running` when none is paused."""
    rows, clock, profile = _one_rule(work, subject_type, subject_ref, rule, "paused")
    today = local_day(work.now, profile.time_zone)
    for row in rows:
        row.pauses = [*row.pauses[:-1], {**row.pauses[-1], "to": today.isoformat()}]
        row.status, row.updated_at = "running", work.now
        _count_again(work, row, clock, profile)
        _watch(work, row)
    work.session.flush()
    return rows


def check_deadline(work: UnitOfWork, ref: str) -> None:
    """At its due instant: count a provisional date again, then let the clock pass if it is over. Announces `deadline.passed`
    once."""
    row = work.session.scalar(select(Deadline).where(Deadline.ref == ref))
    if row is None or row.status != "running":
        return
    if row.provisional:
        _recount(work, row)
    if row.due_at is None or row.due_at > work.now:
        _watch(work, row)
        return
    row.status, row.passed_at, row.updated_at = "passed", work.now, work.now
    consequence = {"en": row.consequence_en, "zh": row.consequence_zh}
    after = {"rule": row.rule, "due_on": row.due_on.isoformat() if row.due_on else None, "consequence": consequence}
    work.emit(Event("deadline.passed", row.subject_type, row.subject_ref, (row.organisation_id,), after=after))


def recompute_provisional(work: UnitOfWork, command: None = None) -> int:
    """Count every provisional date again, once a calendar is published; returns how many became firm. Announces each."""
    rows = list(
        work.session.scalars(select(Deadline).where(Deadline.provisional, Deadline.status == "running").order_by(Deadline.id))
    )
    return sum(_recount(work, row) for row in rows)


def _recount(work: UnitOfWork, row: Deadline) -> bool:
    """Count a provisional date again; whether it became firm."""
    before = row.due_on
    profile = get_profile(row.profile)
    _count_again(work, row, clock_of(profile, row.rule), profile)
    if row.provisional:
        return False
    row.updated_at = work.now
    _watch(work, row)
    days = [day.isoformat() if day else None for day in (before, row.due_on)]
    work.emit(
        Event(
            "deadline.confirmed",
            row.subject_type,
            row.subject_ref,
            (row.organisation_id,),
            before={"due_on": days[0]},
            after={"due_on": days[1]},
        )
    )
    return True


def _count_again(work: UnitOfWork, row: Deadline, clock: Clock, profile: Profile) -> None:
    """Set the due date and its derivation from the start, the size of the order and the pauses."""
    derivation = count(clock, local_day(row.started_at, profile.time_zone), row.units, pauses_of(clock, row.pauses))
    row.due_on = derivation.due if derivation else None
    row.due_at = end_of(row.due_on, profile.time_zone) if row.due_on else None
    row.provisional = bool(derivation and derivation.provisional)
    row.derivation = as_json(derivation) if derivation else {}


def _watch(work: UnitOfWork, row: Deadline) -> None:
    """Queue the check for the instant at which the clock is due."""
    if row.due_at is not None:
        delay = max((row.due_at - work.now).total_seconds(), 0.0)
        work.enqueue(CHECK, {"ref": row.ref}, key=f"{CHECK}:{row.ref}:{row.due_on}", delay_s=delay)


def _waiting(
    work: UnitOfWork,
    subject_type: str,
    subject_ref: str,
    rule: str,
    organisation_id: int | None,
    states: tuple[str, ...] = WAITING,
) -> list[Deadline]:
    found = select(Deadline).where(
        Deadline.subject_type == subject_type,
        Deadline.subject_ref == subject_ref,
        Deadline.rule == rule,
        Deadline.status.in_(states),
    )
    if organisation_id is not None:
        found = found.where(Deadline.organisation_id == organisation_id)
    return list(work.session.scalars(found.order_by(Deadline.id)))


def _one_rule(
    work: UnitOfWork, subject_type: str, subject_ref: str, rule: str, state: str
) -> tuple[list[Deadline], Clock, Profile]:
    """The clocks in `state` with their common rule, or `clock_not_running`."""
    rows = _waiting(work, subject_type, subject_ref, rule, None, (state,))
    if not rows:
        raise fail("clock_not_running", clock=rule)
    profile = get_profile(rows[0].profile)
    return rows, clock_of(profile, rule), profile
