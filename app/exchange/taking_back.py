"""The undo of a large import: everything is withdrawn at once, so that nobody else sees a part of it, and then deleted piece by piece
by a job. It goes on where it was interrupted; what comes in its way meanwhile is said, and once that is gone it can go on."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.db.work import Bus, UnitOfWork
from app.exchange.models import ImportBatch
from app.exchange.rules import LIFE
from app.exchange.service import MoveImport, check_free, delete_made, finish_undo, load, touch, undo_import
from app.exchange.targets import Subject
from app.exchange.telling import announce
from app.exchange.writing import AT_ONCE, PIECE, Report, is_busy, without_reason
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import DomainError, fail
from app.listings import close_imported as close_listings
from app.needs import close_imported as close_needs

TAKE_BACK = "import.undo"


def begin_undo(work: UnitOfWork, command: MoveImport) -> int | None:
    """Take back a small import at once and return its rows; withdraw a large one and queue its deletion, or take up one that was
    interrupted. Managers and officers.

    Raises `undo_blocked` naming what stands on any of it, `undo_running`."""
    batch = load(work, command.ref, "import.undo", command.version)
    if batch.status == "committed" and batch.made_rows <= AT_ONCE:
        return undo_import(work, command)
    if batch.status == "undoing" and is_busy(work, batch):
        raise fail("undo_running")
    check_free(work, batch)
    if Subject(batch.subject) is Subject.LISTINGS:
        close_listings(work, batch.id)
    else:
        close_needs(work, batch.id)
    was, batch.status, batch.findings = batch.status, LIFE.move(batch.status, "take_back"), without_reason(batch)
    who = {"user": work.actor.user_ref, "organisation": work.actor.organisation_ref}
    batch.job_id = work.enqueue(TAKE_BACK, {"ref": batch.ref, **who}, key=f"{TAKE_BACK}:{batch.ref}")
    touch(work, batch)
    kinds = sorted(batch.findings.get("kinds", {}))
    after = {"status": batch.status, "rows": batch.made_rows}
    announce(work, batch, "import.undo_started", after, before={"status": was}, data={"rematch": kinds})
    return None


def take_back(bus: Bus, actor: Actor, ref: str, report: Report) -> None:
    """Delete what is left, then be done. What forbids it is kept as the import's reason, and can be put right."""
    try:
        while True:
            gone, done, total = bus.execute(delete_some, actor, ref)
            if not gone:
                break
            report(min(99, 100 * done // max(total, 1)), "undoing")
        bus.execute(end_undo, actor, ref)
    except DomainError as error:
        if error.code != "illegal_transition":  # somebody else has taken it back already
            bus.execute(halt_undo, SYSTEM, (ref, error))


def delete_some(work: UnitOfWork, ref: str) -> tuple[int, int, int]:
    """Delete the next piece: how many rows, how many are deleted now, of how many. Raises `import_in_use`."""
    batch = _withdrawn(work, ref)
    try:
        with work.session.begin_nested():
            gone = delete_made(work, batch, PIECE)
    except IntegrityError:
        raise fail("import_in_use") from None
    done = batch.findings.get("taken_back", 0) + gone
    batch.findings = {**batch.findings, "taken_back": done}
    return gone, done, batch.made_rows


def end_undo(work: UnitOfWork, ref: str) -> int:
    """Nothing of it is left: it is undone. Returns how many rows there were."""
    return finish_undo(work, _withdrawn(work, ref), 0)


def halt_undo(work: UnitOfWork, command: tuple[str, DomainError]) -> None:
    """Something rests by now on what is left, which stays withdrawn; the reason is kept for who goes on."""
    ref, reason = command
    batch = _withdrawn(work, ref)
    batch.findings = {**batch.findings, "stopped": {"en": reason.text.en, "zh": reason.text.zh}}
    touch(work, batch)
    announce(work, batch, "import.undo_halted", {"rows": batch.findings.get("taken_back", 0), "reason": reason.text.en})


def _withdrawn(work: UnitOfWork, ref: str) -> ImportBatch:
    batch = load(work, ref, "import.undo", None)
    if batch.status != "undoing":
        raise fail("illegal_transition", subject=LIFE.subject, state=LIFE.states[batch.status], action=LIFE.labels["undo"])
    return batch
