"""The commit of a large import: a job that writes it piece by piece, each in its own short transaction, as drafts that nobody but
their owner sees; the last transaction opens all of them at once. It goes on where it was interrupted, and stops by taking back what it
wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts import create_organisation
from app.db.jobs import ask_cancel, job_view
from app.db.work import Bus, UnitOfWork
from app.exchange.checking import cancel_check
from app.exchange.decisions import Decisions
from app.exchange.models import ImportBatch, ImportRow
from app.exchange.rules import LIFE
from app.exchange.service import (
    CommitImport,
    check_list,
    check_sound,
    commit_import,
    delete_made,
    finish_commit,
    load,
    permit_again,
    touch,
)
from app.exchange.staged import new_organisations, open_written, write_rows
from app.exchange.telling import announce
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import DomainError, fail

AT_ONCE = 1_000  # rows that are written while the person waits
PIECE = 1_000
WRITE = "import.write"
Report = Callable[[int, str], None]


def begin_commit(work: UnitOfWork, command: CommitImport) -> int | None:
    """Write a small import at once and return its rows; queue a large one, or take up one that was interrupted. Managers and officers.

    Raises as `commit_import`, and `import_running`."""
    batch = load(work, command.ref, "import.commit", command.version)
    if batch.status != "importing":
        check_sound(batch, command.rows)
        if batch.sound_rows <= AT_ONCE:
            return commit_import(work, command)
        made = batch.findings.get("made_organisations") or new_organisations(work, batch, create_organisation)
        batch.findings = {**batch.findings, "made_organisations": made}
        permit_again(work, batch)
        check_list(work, batch)
    elif is_busy(work, batch):
        raise fail("import_running")
    was, batch.status, batch.findings = batch.status, LIFE.move(batch.status, "write"), without_reason(batch)
    who = {"user": work.actor.user_ref, "organisation": work.actor.organisation_ref}
    batch.job_id = work.enqueue(WRITE, {"ref": batch.ref, **who}, key=f"{WRITE}:{batch.ref}")
    touch(work, batch)
    announce(work, batch, "import.write_started", {"status": batch.status}, before={"status": was})
    return None


def write_import(bus: Bus, actor: Actor, ref: str, report: Report) -> None:
    """Write what is not written yet, then open it. What forbids it in the end is kept as the import's message, and nothing is left."""
    try:
        while True:
            done, total = bus.execute(write_some, actor, ref)
            report(95 * done // max(total, 1), "importing")
            if done >= total:
                break
        bus.execute(land, actor, ref)
    except DomainError as error:
        if error.code == "illegal_transition":  # somebody else has stopped it, or it has landed already
            return
        bus.execute(stop_writing, SYSTEM, (ref, error))


def write_some(work: UnitOfWork, ref: str) -> tuple[int, int]:
    """Write the next piece; how many rows are written now, of how many. Raises `import_stale`."""
    batch = _written(work, ref)
    try:
        with work.session.begin_nested():
            made = batch.findings.get("made_organisations") or {}
            last, count = write_rows(work, batch, made, opens=False, after=batch.written_to, most=PIECE)
    except IntegrityError as error:
        raise fail("import_stale") from error
    batch.written_to, batch.made_rows = last, batch.made_rows + count
    left = work.session.scalar(
        select(func.count()).select_from(ImportRow).where(ImportRow.import_id == batch.id, ImportRow.id > last)
    )
    return batch.made_rows, batch.made_rows + (left or 0)


def land(work: UnitOfWork, ref: str) -> int:
    """Open everything that was written, and be done. Raises what forbids it by now."""
    batch = _written(work, ref)
    permit_again(work, batch)
    check_list(work, batch)
    if Decisions.from_json(batch.settings).opens:
        open_written(work, batch)
    return finish_commit(work, batch, batch.made_rows)


def cancel(work: UnitOfWork, ref: str) -> None:
    """Stop the job that checks or writes an import. Its drafters; a commit, those who may commit."""
    status = work.session.scalar(select(ImportBatch.status).where(ImportBatch.ref == ref))
    (stop if status == "importing" else cancel_check)(work, ref)


def stop(work: UnitOfWork, ref: str) -> None:
    """Ask the job to stop, which then takes back what it wrote; where none runs any more, take it back now. Managers and officers."""
    batch = load(work, ref, "import.stop", None)
    if batch.job_id is not None and is_busy(work, batch):
        ask_cancel(work.session, batch.job_id)
    else:
        stop_writing(work, (ref, None))


def stop_writing(work: UnitOfWork, command: tuple[str, DomainError | None]) -> None:
    """Take back what was written; the import is checked as before, with the reason when there is one."""
    ref, reason = command
    batch = load(work, ref, "import.stop", None)
    was, count = batch.status, delete_made(work, batch)
    batch.status, batch.written_to, batch.made_rows, batch.job_id = LIFE.move(batch.status, "stop"), 0, 0, None
    stopped = {} if reason is None else {"stopped": {"en": reason.text.en, "zh": reason.text.zh}}
    batch.findings = {**without_reason(batch), **stopped}
    touch(work, batch)
    after = {"status": batch.status, "taken_back": count, "reason": reason.text.en if reason is not None else None}
    announce(work, batch, "import.write_stopped", after, before={"status": was})


def without_reason(batch: ImportBatch) -> dict[str, Any]:
    """What was found, without why its job stopped the last time."""
    return {name: value for name, value in batch.findings.items() if name != "stopped"}


def _written(work: UnitOfWork, ref: str) -> ImportBatch:
    batch = load(work, ref, "import.commit", None)
    LIFE.move(batch.status, "stop")  # only one that is being written
    return batch


def is_busy(work: UnitOfWork, batch: ImportBatch) -> bool:
    """Whether the import's job is queued or running."""
    job = job_view(work.session, batch.job_id) if batch.job_id is not None else None
    return job is not None and job.state in ("queued", "running")
