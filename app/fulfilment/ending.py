"""Use cases of the end: proposed by one party and agreed by the other, or the term is over; then the removal, declared by one
and confirmed by the other, which frees the capacity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.agreements import (
    AGREEMENT,
    LIVE,
    Agreement,
    amendment_of,
    check_no_amendment,
    event_of,
    holder_of,
    lines_of,
    load,
    own_party,
    touch,
)
from app.db.work import UnitOfWork
from app.disclosure import revoke
from app.fulfilment.building import entered_force, other_party
from app.fulfilment.models import Ending
from app.fulfilment.rules import PROPOSED_GROUNDS
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from app.ledger import cut_short

TERM = "fulfilment.term"


@dataclass(frozen=True, slots=True)
class ProposeEnd:
    """`ends_on`: the first day on which the agreement no longer holds."""

    ref: str
    ground: str
    reason: str
    ends_on: date
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    ref: str
    agree: bool
    answer: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """`removed_on`: by which day everything was taken away. To confirm, none is given."""

    ref: str
    removed_on: date | None = None
    seen_version: int | None = None


def propose_end(work: UnitOfWork, command: ProposeEnd) -> int:
    """Ask the other party to end the agreement. Who may: managers of either party. Raises `ending_open`, `amendment_open`."""
    agreement = load(work, command.ref, "fulfilment.end", command.seen_version)
    AGREEMENT.move(agreement.status, "end")
    check_no_amendment(work, agreement)
    if standing(work, agreement.id) is not None:
        raise fail("ending_open")
    problems = []
    if command.ground not in PROPOSED_GROUNDS:
        problems.append(Problem("invalid", Text("Choose a ground.", "请选择终止理由。"), pointer="/ground"))
    if not command.reason.strip():
        problems.append(Problem("required", Text("Say why.", "请填写理由。"), pointer="/reason"))
    if command.ends_on < work.today:
        problems.append(Problem("invalid", Text("This day is over.", "该日期已过。"), pointer="/ends_on"))
    if problems:
        raise fail("invalid", problems)
    work.session.add(
        Ending(
            agreement_id=agreement.id,
            ground=command.ground,
            reason=command.reason.strip(),
            ends_on=command.ends_on,
            proposed_by=own_party(work, agreement),
            created_at=work.now,
        )
    )
    touch(work, agreement)
    after = {"ground": command.ground, "reason": command.reason.strip(), "ends_on": command.ends_on.isoformat()}
    work.emit(event_of(agreement, "agreement.end_proposed", {}, after))
    return agreement.version


def answer_end(work: UnitOfWork, command: AnswerEnd) -> int:
    """Agree to the end, or decline it. Who may: managers of the other party. Raises `no_ending`, `own_step`."""
    agreement = load(work, command.ref, "fulfilment.end", command.seen_version)
    row = standing(work, agreement.id)
    if row is None or row.status != "proposed":
        raise fail("no_ending")
    before = agreement.status
    row.answered_by, row.answer, row.updated_at = (
        other_party(work, agreement, row.proposed_by or 0),
        (command.answer or "").strip() or None,
        work.now,
    )
    if command.agree:
        check_no_amendment(work, agreement)
        row.status, row.ends_on = "agreed", max(row.ends_on, work.today)
        agreement.status, agreement.ended_on = AGREEMENT.move(agreement.status, "end"), row.ends_on
    else:
        row.status = "declined"
    touch(work, agreement)
    after = {"status": agreement.status, "ending": row.status, "ends_on": row.ends_on.isoformat(), "answer": row.answer}
    work.emit(event_of(agreement, "agreement.ended" if command.agree else "agreement.end_declined", {"status": before}, after))
    return agreement.version


def end_term(work: UnitOfWork, ref: str) -> bool:
    """End an agreement whose last line is over; while an amendment is under way, look again the next day. Returns whether it
    ended. Who may: the system."""
    agreement = load(work, ref, "agreement.view")
    if agreement.status not in LIVE:
        return False
    over = term_end(work, agreement)
    if over > work.today or amendment_of(work, agreement) is not None:
        look_again(work, agreement.ref, max(over, work.today + timedelta(days=1)))
        return False
    row = standing(work, agreement.id)
    if row is not None:  # a proposal that nobody answered: the term has answered it
        row.status, row.updated_at = "declined", work.now
        work.session.flush()
    work.session.add(
        Ending(agreement_id=agreement.id, ground="term_over", reason="", ends_on=over, status="agreed", created_at=work.now)
    )
    before, agreement.status, agreement.ended_on = agreement.status, AGREEMENT.move(agreement.status, "end"), over
    touch(work, agreement)
    after = {"status": agreement.status, "ground": "term_over", "ends_on": over.isoformat()}
    work.emit(event_of(agreement, "agreement.ended", {"status": before}, after))
    return True


def term_end(work: UnitOfWork, agreement: Agreement) -> date:
    """The first day after its last line."""
    return max(line.ends for line in lines_of(work, agreement))


def look_again(work: UnitOfWork, ref: str, day: date) -> None:
    """Look at the term when `day` has begun; a term without an end needs no look."""
    if day < FAR:
        begins = datetime.combine(day, time.min, tzinfo=work.zone)
        work.enqueue(TERM, {"ref": ref}, key=f"{TERM}:{ref}:{day}", delay_s=max(0.0, (begins - work.now).total_seconds()))


def watch_term(work: UnitOfWork, event: Event) -> None:
    """From entry into force on, the end of the term is watched."""
    if (agreement := entered_force(work, event)) is not None:
        look_again(work, agreement.ref, term_end(work, agreement))


def declare_removal(work: UnitOfWork, command: Removal) -> int:
    """Say that everything was taken away. Who may: managers of either party; the other confirms. Raises `invalid`."""
    agreement = load(work, command.ref, "fulfilment.remove", command.seen_version)
    AGREEMENT.move(agreement.status, "remove")
    row = standing(work, agreement.id)
    if row is None:
        raise fail("no_ending")
    day = command.removed_on
    if day is None or day > work.today:
        said = Text("Give the day by which everything was removed.", "请填写拆除完成日期（不晚于今日）。")
        raise fail("invalid", [Problem("invalid", said, pointer="/removed_on")])
    row.removed_on, row.removal_by, row.updated_at = day, own_party(work, agreement), work.now
    touch(work, agreement)
    work.emit(event_of(agreement, "agreement.removal_declared", {}, {"removed_on": day.isoformat()}))
    return agreement.version


def confirm_removal(work: UnitOfWork, command: Removal) -> int:
    """Nothing is left on the asset: its capacity is free from today, or from the end of the agreement if that is later.

    Who may: managers of the party that did not declare it. Raises `removal_not_declared`, `own_step`."""
    agreement = load(work, command.ref, "fulfilment.remove", command.seen_version)
    before, row = agreement.status, standing(work, agreement.id)
    after_status = AGREEMENT.move(agreement.status, "remove")
    if row is None or row.removal_by is None:
        raise fail("removal_not_declared")
    row.confirmed_by, row.confirmed_at, row.status = other_party(work, agreement, row.removal_by), work.now, "removed"
    row.updated_at = work.now
    agreement.status, agreement.ended_on = after_status, max(agreement.ended_on or work.today, row.removed_on or work.today)
    free_from = max(work.today, row.ends_on)
    given_back = cut_short(work, holder_of(agreement), free_from)
    revoke(work, agreement.ref)
    touch(work, agreement)
    after = {
        "status": agreement.status,
        "removed_on": row.removed_on.isoformat() if row.removed_on else None,
        "free_from": free_from.isoformat(),
        "claims": [claim.ref for claim in given_back],
    }
    work.emit(event_of(agreement, "agreement.removed", {"status": before}, after))
    return agreement.version


def standing(work: UnitOfWork, agreement_id: int) -> Ending | None:
    """The ending that is not declined."""
    return work.session.scalar(select(Ending).where(Ending.agreement_id == agreement_id, Ending.status != "declined"))
