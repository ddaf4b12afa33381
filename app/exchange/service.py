"""Use cases of an import but its check: start, settle, commit, undo, discard. One event each, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts import Organisation, create_organisation
from app.db.work import UnitOfWork
from app.exchange.decisions import Decisions
from app.exchange.files import Kept
from app.exchange.fixing import Fix, merged
from app.exchange.forgetting import KEPT_DAYS, clear_staging, forget_later
from app.exchange.judging import Question, policies
from app.exchange.mapping import Mapping as ColumnsMapping
from app.exchange.models import ImportBatch, ImportRow
from app.exchange.remembering import remember
from app.exchange.rules import ALL_ROWS, LIFE
from app.exchange.staged import new_organisations, write_rows
from app.exchange.targets import Subject
from app.exchange.telling import announce
from app.exchange.undoing import in_the_way
from app.kernel.errors import DomainError, fail
from app.kernel.event import changes
from app.kernel.permission import Subject as Facts
from app.kernel.version import check_version
from app.listings import delete_imported as delete_listings
from app.needs import NeedsList, check_collecting
from app.needs import delete_imported as delete_needs


@dataclass(frozen=True, slots=True)
class StartImport:
    """`organisation_id`: whose import it is; None for the one acted for. `decisions` may be settled later."""

    subject: Subject
    file: Kept
    decisions: Decisions = field(default_factory=Decisions)
    provenance: str = "declared"
    needs_list_ref: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class SettleImport:
    """`changes`: fields of `Decisions` by name."""

    ref: str
    version: int | None
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FixImport:
    """Cells to be read otherwise than the file has them, and places of earlier corrections that are taken back."""

    ref: str
    fixes: tuple[Fix, ...] = ()
    gone: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CommitImport:
    """`rows`: all (refused while anything is wrong), or valid."""

    ref: str
    version: int | None = None
    rows: str = ALL_ROWS


@dataclass(frozen=True, slots=True)
class MoveImport:
    ref: str
    version: int | None = None


def start_import(work: UnitOfWork, command: StartImport) -> str:
    """Record an uploaded file and return the import's ref. Drafters and officers. Raises `needs_list_missing`."""
    owner_id = command.organisation_id or work.actor.organisation_id
    work.permit("import.start", Facts(owner_id=owner_id))
    listed = _needs_list(work, command)
    decisions = command.decisions
    if owner_id is not None:
        decisions = replace(decisions, organisation=decisions.organisation or _own(work, owner_id, listed))
    batch = ImportBatch(
        subject=command.subject.value,
        status=LIFE.initial,
        organisation_id=owner_id,
        created_by=work.actor.user_id,
        needs_list_id=listed.id if listed else None,
        filename=command.file.filename,
        sha256=command.file.sha256,
        size_bytes=command.file.size_bytes,
        provenance=command.provenance,
        settings=decisions.to_json(),
        created_at=work.now,
    )
    work.session.add(batch)
    work.session.flush()
    forget_later(work, batch.sha256, KEPT_DAYS + 1)
    announce(work, batch, "import.started", {"file": batch.filename, "sha256": batch.sha256, "provenance": batch.provenance})
    return batch.ref


def _needs_list(work: UnitOfWork, command: StartImport) -> NeedsList | None:
    if command.subject is Subject.LISTINGS:
        return None
    found = work.session.scalar(select(NeedsList).where(NeedsList.ref == (command.needs_list_ref or "")))
    if found is None:
        raise fail("needs_list_missing")
    return found


def _own(work: UnitOfWork, owner_id: int, listed: NeedsList | None) -> str | None:
    """Rows that name nobody are the owner's own, unless it brings the needs of all."""
    if listed is not None and _may_bring_for_all(work, listed):
        return None
    return work.session.get_one(Organisation, owner_id).ref


def _may_bring_for_all(work: UnitOfWork, listed: NeedsList) -> bool:
    if work.actor.is_system:
        return True
    try:
        work.permit("import.needs_for_all", Facts(region=listed.region))
    except DomainError:
        return False
    return True


def settle_import(work: UnitOfWork, command: SettleImport) -> int:
    """Change what was decided; the check must run again. Returns the new version."""
    batch = load(work, command.ref, "import.settle", command.version)
    wanted = dict(command.changes)
    if "fixes" in wanted:
        wanted["fixes"] = merged((), wanted["fixes"])
    if "columns" in wanted:  # chosen anew: each must be in the file, save those that are said to be carried over
        wanted.setdefault("carried", ())
    _settle(work, batch, replace(Decisions.from_json(batch.settings), **wanted))
    return batch.version


def fix_import(work: UnitOfWork, command: FixImport) -> int:
    """Correct cells of the file without touching it; the check must run again. Its drafters. Raises `invalid`. Returns how many
    cells are corrected in all."""
    batch = load(work, command.ref, "import.settle", None)
    current = Decisions.from_json(batch.settings)
    fixes = merged(current.fixes, command.fixes, command.gone)
    _settle(work, batch, replace(current, fixes=fixes))
    return len(fixes)


def _settle(work: UnitOfWork, batch: ImportBatch, decisions: Decisions) -> None:
    was = {"status": batch.status, **batch.settings}
    batch.settings, batch.status = decisions.to_json(), LIFE.move(batch.status, "settle")
    touch(work, batch)
    before, after = changes(was, {"status": batch.status, **batch.settings})
    announce(work, batch, "import.settled", after, before=before)


def commit_import(work: UnitOfWork, command: CommitImport) -> int:
    """Write the sound rows in this one transaction and return how many. Managers and officers.

    Raises `import_has_problems` (with rows=all), `import_empty`, `import_stale` when the register has changed since the check,
    `round_not_collecting`."""
    batch = load(work, command.ref, "import.commit", command.version)
    if batch.status == "importing":
        raise fail("import_running")
    check_sound(batch, command.rows)
    made = batch.findings.get("made_organisations") or new_organisations(work, batch, create_organisation)
    permit_again(work, batch)
    check_list(work, batch)
    try:
        with work.session.begin_nested():
            _last, count = write_rows(work, batch, made, opens=Decisions.from_json(batch.settings).opens)
    except IntegrityError as error:
        raise fail("import_stale") from error
    return finish_commit(work, batch, count)


def check_sound(batch: ImportBatch, rows: str) -> None:
    """Raises `import_has_problems` (with rows=all), `import_empty`."""
    if batch.problem_count and rows == ALL_ROWS:
        raise fail("import_has_problems", count=batch.problem_count, sound=batch.sound_rows)
    if not batch.sound_rows:
        raise fail("import_empty")


def finish_commit(work: UnitOfWork, batch: ImportBatch, count: int) -> int:
    """So many rows are written and open: the import is over. Returns their number."""
    batch.status, batch.committed_at, batch.made_rows = LIFE.move(batch.status, "commit"), work.now, count
    if batch.organisation_id is not None and batch.findings.get("signature"):
        mapping = ColumnsMapping.from_json(batch.findings["mapping"])
        remember(work, batch.organisation_id, Subject(batch.subject), batch.findings["signature"], mapping)
    work.session.execute(delete(ImportRow).where(ImportRow.import_id == batch.id))
    touch(work, batch)
    forget_later(work, batch.sha256, KEPT_DAYS + 1)
    kinds = sorted(batch.findings.get("kinds", {}))
    announce(
        work,
        batch,
        "import.committed",
        {
            "rows": count,
            "provenance": batch.provenance,
            "assumed": batch.findings.get("assumed", {}),
            "corrected": batch.settings.get("fixes", []),
        },
        data={"rematch": kinds},
    )
    return count


def check_list(work: UnitOfWork, batch: ImportBatch) -> None:
    """The list of an import of needs takes entries still, and asks what it asked when the rows were checked. Raises
    `round_not_collecting`, `import_stale`."""
    if Subject(batch.subject) is Subject.NEEDS:
        listed = work.session.get_one(NeedsList, batch.needs_list_id)
        check_collecting(listed.status, listed.opens_on, listed.closes_on, work.today)
        if batch.findings.get("list_version") not in (None, listed.version):
            raise fail("import_stale")


def permit_again(work: UnitOfWork, batch: ImportBatch) -> None:
    """The check may be days old: what the person may do is asked once more, for each organisation and region in it."""
    decisions = Decisions.from_json(batch.settings)
    question = Question(Subject(batch.subject), "", decisions.opens)
    if question.subject is Subject.NEEDS and _may_bring_for_all(work, work.session.get_one(NeedsList, batch.needs_list_id)):
        return
    for owner_id, region, grade in batch.findings.get("cases", ()):
        for policy in policies(question, grade):
            work.permit(policy, Facts(owner_id=owner_id, requester_id=owner_id, region=region, status="draft"))


def undo_import(work: UnitOfWork, command: MoveImport) -> int:
    """Take back everything that an import made, or what a job has left of it, and return how many rows. Managers and officers.

    Raises `undo_blocked` naming what stands on any of it."""
    batch = load(work, command.ref, "import.undo", command.version)
    check_free(work, batch)
    return finish_undo(work, batch, delete_made(work, batch))


def check_free(work: UnitOfWork, batch: ImportBatch) -> None:
    """Raises `undo_blocked` naming what stands on any row of an import."""
    blocking = in_the_way(work.session, batch.id)
    if blocking:
        shown = "; ".join(problem.detail.en for problem in blocking[:5]) + ("…" if len(blocking) > 5 else "")
        raise fail("undo_blocked", blocking, things=shown)


def finish_undo(work: UnitOfWork, batch: ImportBatch, last: int) -> int:
    """Everything is taken back, these rows as the last: the import is undone. Returns how many rows there were in all."""
    count = batch.findings.get("taken_back", 0) + last
    batch.status, batch.undone_at = LIFE.move(batch.status, "undo"), work.now
    touch(work, batch)
    forget_later(work, batch.sha256)
    kinds = sorted(batch.findings.get("kinds", {}))
    announce(work, batch, "import.undone", {"rows": count}, data={"rematch": kinds})
    return int(count)


def delete_made(work: UnitOfWork, batch: ImportBatch, most: int | None = None) -> int:
    """Take back the rows that an import wrote, or its next ones, and return how many."""
    if Subject(batch.subject) is Subject.LISTINGS:
        return delete_listings(work, batch.id, most)
    return delete_needs(work, batch.id, most)


def discard_import(work: UnitOfWork, command: MoveImport) -> None:
    """Give up an import before it was committed."""
    batch = load(work, command.ref, "import.discard", command.version)
    batch.status = LIFE.move(batch.status, "discard")
    clear_staging(work, batch.id)
    touch(work, batch)
    forget_later(work, batch.sha256)
    announce(work, batch, "import.discarded", {})


def load(work: UnitOfWork, ref: str, policy: str, version: int | None) -> ImportBatch:
    """The import for a change. Raises `not_found`, `forbidden`, `illegal_transition`, `stale_version`."""
    batch = work.session.scalar(select(ImportBatch).where(ImportBatch.ref == ref).with_for_update())
    if batch is None:
        raise fail("not_found")
    action = policy.split(".")[1]
    work.permit("import.view", Facts(owner_id=batch.organisation_id))
    LIFE.move(batch.status, action)  # in the words of this life, before the policy's
    work.permit(policy, Facts(owner_id=batch.organisation_id, status=batch.status))
    check_version(version, batch.version)
    return batch


def touch(work: UnitOfWork, batch: ImportBatch) -> None:
    batch.version += 1
    batch.updated_at = work.now
