"""Use of clocks by other features, inside their use cases: start, meet, pause, resume; and what happens when one passes.

Starting and meeting announce nothing of their own: the act that caused them is the event. A clock that passes is one. Every
change is kept as an entry; none is ever rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from app.catalogue.profiles import Clock, Profile
from app.db.work import UnitOfWork
from app.deadlines.models import Deadline, DeadlineEntry
from app.deadlines.outcomes import NOTHING, carry_out, follow
from app.deadlines.rules import as_json, count, end_of, local_day, pauses_of
from app.deadlines.terms import clock_from, terms_of
from app.deadlines.years import KnownDays
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.text import Text

CHECK = "deadlines.check"
WAITING = ("running", "paused")
OPEN = ("running", "paused", "passed")


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
    concerned: Iterable[int] = (),
    length: int | None = None,
) -> Deadline:
    """Start the clock `rule` of `profile` on a subject; `organisation_id` must act. `units`: size of the order, where lengths
    depend on it. `concerned`: who is told of what becomes of it. `length`: of a clock whose rule leaves it to the case.

    Raises `no_such_clock`, and `clock_running` when that organisation's clock runs on the subject already."""
    clock = clock_of(profile, rule)
    if length is not None:
        clock = replace(clock, length=length)
    if _waiting(work, subject_type, subject_ref, rule, organisation_id):
        raise fail("clock_running", clock=clock.label)
    row = Deadline(
        subject_type=subject_type,
        subject_ref=subject_ref,
        rule=rule,
        profile=profile.code,
        profile_version=profile.version,
        terms=terms_of(profile, clock),
        organisation_id=organisation_id,
        concerned=sorted({organisation_id, *concerned}),
        units=units,
        started_at=started_at,
        calendar=clock.calendar,
        consequence_en=clock.consequence.en,
        consequence_zh=clock.consequence.zh,
        created_at=work.now,
        status="running",
        pauses=[],
    )
    _count_again(work, row)
    work.session.add(row)
    work.session.flush()
    _enter(work, row, "started")
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
    rows = _waiting(work, subject_type, subject_ref, rule, organisation_id, OPEN)
    for row in rows:
        row.status, row.met_at, row.updated_at = "met", work.now, work.now
        _enter(work, row, "met")
    work.session.flush()
    return rows


def end_deadline(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str) -> None:
    """Stop the clocks of `rule` on a subject though the act was not done: it is no longer waited for."""
    for row in _waiting(work, subject_type, subject_ref, rule, None, OPEN):
        row.status, row.updated_at = "ended", work.now
        _enter(work, row, "ended")
    work.session.flush()


def let_pass(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str) -> None:
    """Let the clocks of `rule` that are over pass, before their check comes: what they bring was done by the act that tells of it."""
    for row in _waiting(work, subject_type, subject_ref, rule, None, ("running",)):
        if row.due_at is not None and row.due_at <= work.now:
            row.status, row.passed_at, row.updated_at = "passed", work.now, work.now
            _enter(work, row, "passed")
    work.session.flush()


def pause_deadline(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str, reason: str) -> list[Deadline]:
    """Let the clock stand from tomorrow on, for a reason that the rule allows; who asked for it is kept. Raises
    `clock_not_running`, `pause_not_allowed`."""
    rows = _of_rule(work, subject_type, subject_ref, rule, "running")
    for row in rows:
        clock = clock_from(row.terms)
        if not clock.may_pause(reason):
            raise fail("pause_not_allowed", clock=clock.label, reason=reason)
        today = local_day(work.now, row.terms["time_zone"])
        who = work.actor.on_behalf
        by = {"en": who.en, "zh": who.zh} if work.actor.organisation_id is not None else None
        row.pauses = [*row.pauses, {"from": today.isoformat(), "to": None, "reason": reason, "by": by}]
        row.status, row.updated_at = "paused", work.now
        _count_again(work, row)
        _enter(work, row, "paused")
    work.session.flush()
    return rows


def resume_deadline(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str) -> list[Deadline]:
    """Let a paused clock run again from today on. Raises `clock_not_running` when none is paused."""
    rows = _of_rule(work, subject_type, subject_ref, rule, "paused")
    for row in rows:
        today = local_day(work.now, row.terms["time_zone"])
        row.pauses = [*row.pauses[:-1], {**row.pauses[-1], "to": today.isoformat()}]
        row.status, row.updated_at = "running", work.now
        _count_again(work, row)
        _enter(work, row, "resumed")
        _watch(work, row)
    work.session.flush()
    return rows


def check_deadline(work: UnitOfWork, ref: str) -> None:
    """At its due instant: let the clock pass if it is over, and carry out what its rule says happens then. Announces
    `deadline.passed` once, with what that changed."""
    row = work.session.scalar(select(Deadline).where(Deadline.ref == ref).with_for_update())
    if row is None or row.status != "running":
        return
    if row.due_at is None or row.due_at > work.now:
        _watch(work, row)
        return
    row.status, row.passed_at, row.updated_at = "passed", work.now, work.now
    _enter(work, row, "passed")
    outcome = row.terms["outcome"]
    effect = carry_out(work, row, outcome)
    said = effect.instead or Text(row.consequence_en, row.consequence_zh)
    consequence = {"en": said.en, "zh": said.zh}
    passed = {"rule": row.rule, "due_on": row.due_on.isoformat() if row.due_on else None, "consequence": consequence}
    told = tuple(dict.fromkeys((row.organisation_id, *row.concerned, *effect.concerned)))
    work.emit(
        Event(
            "deadline.passed",
            row.subject_type,
            row.subject_ref,
            told,
            effect.before,
            {**passed, "outcome": outcome, **effect.after},
            effect.region,
            effect.data,
        )
    )


def recount_deadline(work: UnitOfWork, ref: str) -> str | None:
    """Count one provisional date again by the calendar as it is known now. Announces `deadline.confirmed` when it became firm,
    `deadline.recounted` when it moved and is provisional still; returns which, None when nothing changed."""
    row = work.session.scalar(select(Deadline).where(Deadline.ref == ref).with_for_update())
    if row is None or not row.provisional or row.status not in WAITING:
        return None
    was, steps, years = row.due_on, row.derivation, row.years
    _count_again(work, row)
    if row.provisional and row.derivation == steps:
        row.years = years  # nothing moved: it stands as it was counted
        return None
    row.updated_at = work.now
    _enter(work, row, "recounted")
    if row.status == "running":
        _watch(work, row)
    effect = follow(work, row) if row.due_on != was else NOTHING
    days = [day.isoformat() if day else None for day in (was, row.due_on)]
    action = "deadline.recounted" if row.provisional else "deadline.confirmed"
    work.emit(
        Event(
            action,
            row.subject_type,
            row.subject_ref,
            tuple(row.concerned),
            before={"due_on": days[0], **effect.before},
            after={"rule": row.rule, "due_on": days[1], "was_due_on": days[0], "years": dict(row.years), **effect.after},
        )
    )
    return action


def _count_again(work: UnitOfWork, row: Deadline) -> None:
    """Set the due date and its derivation from the start, the size of the order and the pauses, by the rule it was made by."""
    clock, zone = clock_from(row.terms), row.terms["time_zone"]
    days = KnownDays(work, clock.calendar)
    derivation = count(clock, local_day(row.started_at, zone), row.units, pauses_of(clock, row.pauses), days)
    row.due_on = derivation.due if derivation else None
    row.due_at = end_of(row.due_on, zone) if row.due_on else None
    row.provisional = bool(derivation and derivation.provisional)
    row.derivation = as_json(derivation) if derivation else {}
    row.years = days.used


def _enter(work: UnitOfWork, row: Deadline, act: str) -> None:
    """Keep the deadline as it stands now."""
    work.session.flush()
    last = work.session.scalar(select(func.max(DeadlineEntry.number)).where(DeadlineEntry.deadline_id == row.id))
    work.session.add(
        DeadlineEntry(
            deadline_id=row.id,
            number=(last or 0) + 1,
            act=act,
            at=work.now,
            status=row.status,
            due_on=row.due_on,
            due_at=row.due_at,
            provisional=row.provisional,
            derivation=row.derivation,
            pauses=list(row.pauses),
            years=dict(row.years),
        )
    )


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


def _of_rule(work: UnitOfWork, subject_type: str, subject_ref: str, rule: str, state: str) -> list[Deadline]:
    """The clocks in `state`, or `clock_not_running`."""
    rows = _waiting(work, subject_type, subject_ref, rule, None, (state,))
    if not rows:
        raise fail("clock_not_running", clock=rule)
    return rows
