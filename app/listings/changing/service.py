"""Use cases of bulk changes: propose, preview, apply, undo, discard. Each listing that changes has its own event, the bulk change
as a whole has one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select

from app.catalogue.kinds import KINDS
from app.db.jobs import ask_cancel, job_view
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.version import check_version
from app.listings.changing.carrying import carry_out, take_back, tried
from app.listings.changing.choosing import Choice, chosen_rows
from app.listings.changing.models import BulkChange, BulkChangeItem
from app.listings.changing.rules import ALL_ROWS, LIFE, Wanted, wanted_problems

INLINE = 60  # more listings than this are previewed and changed by a job
CHUNK = 50
PREVIEW, APPLY = "listings.bulk_preview", "listings.bulk_apply"


@dataclass(frozen=True, slots=True)
class ProposeChange:
    choice: Choice
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class MoveChange:
    """`rows`: all (refused when one cannot be changed), or valid."""

    ref: str
    version: int | None = None
    rows: str = ALL_ROWS


def propose_change(work: UnitOfWork, command: ProposeChange) -> str:
    """Choose listings and what is to change about them, preview it, and return the bulk change's ref. Drafters.

    A large one is previewed by a job. Raises `invalid`, `bulk_too_many`; changes no listing."""
    owner_id = work.actor.organisation_id
    work.permit("bulk_change.start", Subject(owner_id=owner_id))
    rows = chosen_rows(work, command.choice)
    problems = list(wanted_problems(command.wanted, [KINDS[name] for name in sorted({row.kind for row in rows})]))
    if not rows:
        problems.append(Problem("required", Text("Choose at least one listing.", "请至少选择一条资源。"), pointer="/listings"))
    if problems:
        raise fail("invalid", problems)
    change = BulkChange(
        organisation_id=owner_id, created_by=work.actor.user_id, wanted=command.wanted.to_json(), created_at=work.now
    )
    work.session.add(change)
    work.session.flush()
    work.session.add_all(
        BulkChangeItem(
            change_id=change.id, listing_id=row.id, position=place, version=row.version, asset_version=row.asset_version
        )
        for place, row in enumerate(rows, 1)
    )
    work.session.flush()
    _announce(work, change, "bulk_change.proposed", {"listings": len(rows), **command.wanted.to_json()})
    if len(rows) <= INLINE:
        preview_some(work, (change.ref, len(rows)))
    else:
        _queue(work, change, PREVIEW, {})
    return change.ref


def preview_some(work: UnitOfWork, command: tuple[str, int]) -> int:
    """Look at so many of the listings that nobody has looked at, and return how many are left. Its drafters."""
    ref, most = command
    change = load(work, ref, "preview", None)
    wanted = Wanted.from_json(change.wanted)
    waiting = select(BulkChangeItem).where(BulkChangeItem.change_id == change.id, BulkChangeItem.verdict == "waiting")
    for item in work.session.scalars(waiting.order_by(BulkChangeItem.position).limit(most)).all():
        _preview(work, item, wanted)
    work.session.flush()
    left = work.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if not left:
        change.status = LIFE.move(change.status, "preview")
        _touch(work, change)
    return left


def _preview(work: UnitOfWork, item: BulkChangeItem, wanted: Wanted) -> None:
    try:
        outcome = tried(work, item, wanted)
    except DomainError as error:
        _refuse(item, error)
        return
    item.verdict = "change" if outcome.is_change else "same"
    item.before, item.after, item.code, item.reason_en, item.reason_zh = outcome.before, outcome.after, None, None, None


def _refuse(item: BulkChangeItem, error: DomainError) -> None:
    words = [problem.detail for problem in error.problems] or [error.text]
    item.verdict, item.code = ("stale" if error.code == "stale_version" else "refused"), error.code
    item.reason_en, item.reason_zh = " ".join(w.en for w in words), "".join(w.zh for w in words)


def preview_again(work: UnitOfWork, ref: str) -> None:
    """Look at every listing anew, as it is now. Its drafters. Raises `bulk_running`."""
    change = load(work, ref, "preview", None)
    _check_idle(work, change)
    for item in _items(work, change, ("waiting", "change", "same", "refused", "stale")):
        item.verdict, item.code, item.before, item.after = "waiting", None, {}, {}
        item.version, item.asset_version = item.listing.version, item.listing.asset.version
    work.session.flush()
    count = len(_items(work, change, ("waiting",)))
    change.status, change.message_en, change.message_zh = "selected", None, None
    if count <= INLINE:
        preview_some(work, (ref, count))
    else:
        _queue(work, change, PREVIEW, {})


def begin_apply(work: UnitOfWork, command: MoveChange) -> bool:
    """Apply a small change at once; queue a large one as a job. Returns whether it is applied. Raises as `apply_change`."""
    change = load(work, command.ref, "apply", command.version)
    _check_idle(work, change)
    ready = _items(work, change, ("change",))
    _check_ready(work, change, ready, command.rows)
    if len(ready) <= INLINE:
        apply_change(work, replace(command, version=None))
        return True
    _queue(work, change, APPLY, {"rows": command.rows})
    return False


def apply_change(work: UnitOfWork, command: MoveChange) -> int:
    """Change the listings in this one transaction and return how many. Each by the rules and permissions of a single change.

    Raises `bulk_refused` (with rows=all, also for what has changed since the preview), `bulk_empty`."""
    change = load(work, command.ref, "apply", command.version)
    wanted, ready = Wanted.from_json(change.wanted), _items(work, change, ("change",))
    _check_ready(work, change, ready, command.rows)
    seen: dict[int, int] = {}  # asset → its version: two listings of an asset do not stand in each other's way
    failed = [item for item in ready if not _carried(work, item, wanted, seen)]
    if failed and command.rows == ALL_ROWS:
        raise fail("bulk_refused", _named(failed), count=len(failed))
    if len(failed) == len(ready):
        raise fail("bulk_empty")
    change.status, change.applied_at = LIFE.move(change.status, "apply"), work.now
    _touch(work, change)
    count = len(ready) - len(failed)
    _announce(work, change, "bulk_change.applied", {"listings": count, "left_out": len(failed)})
    return count


def _check_ready(work: UnitOfWork, change: BulkChange, ready: Sequence[BulkChangeItem], rows: str) -> None:
    refused = _items(work, change, ("refused", "stale"))
    if refused and rows == ALL_ROWS:
        raise fail("bulk_refused", _named(refused), count=len(refused))
    if not ready:
        raise fail("bulk_empty")


def _carried(work: UnitOfWork, item: BulkChangeItem, wanted: Wanted, seen: dict[int, int]) -> bool:
    asset_id = item.listing.asset_id
    try:
        with work.session.begin_nested():
            outcome = carry_out(work, item, wanted, seen.get(asset_id, item.asset_version))
    except DomainError as error:
        _refuse(item, error)
        return False
    seen[asset_id] = outcome.asset_version
    item.verdict, item.before, item.after = "applied", outcome.before, outcome.after
    item.version, item.asset_version = outcome.version, outcome.asset_version
    return True


def undo_change(work: UnitOfWork, command: MoveChange) -> int:
    """Give the listings back what they had and return how many. By the permissions of single changes.

    Raises `bulk_undo_blocked` (with rows=all) when one was changed since, or something stands on it."""
    change = load(work, command.ref, "undo", command.version)
    done = _items(work, change, ("applied",))
    failed = [item for item in reversed(done) if not _taken_back(work, item)]
    if failed and (command.rows == ALL_ROWS or len(failed) == len(done)):
        raise fail("bulk_undo_blocked", _named(failed), count=len(failed))
    change.status, change.undone_at = LIFE.move(change.status, "undo"), work.now
    _touch(work, change)
    _announce(work, change, "bulk_change.undone", {"listings": len(done) - len(failed), "left_out": len(failed)})
    return len(done) - len(failed)


def _taken_back(work: UnitOfWork, item: BulkChangeItem) -> bool:
    try:
        with work.session.begin_nested():
            take_back(work, item)
    except DomainError as error:
        item.code, item.reason_en, item.reason_zh = error.code, error.text.en, error.text.zh
        return False
    item.verdict = "undone"
    return True


def discard_change(work: UnitOfWork, command: MoveChange) -> None:
    """Give up a bulk change before it was applied."""
    change = load(work, command.ref, "discard", command.version)
    if change.job_id is not None:
        ask_cancel(work.session, change.job_id)
    change.status = LIFE.move(change.status, "discard")
    work.session.execute(delete(BulkChangeItem).where(BulkChangeItem.change_id == change.id))
    _touch(work, change)
    _announce(work, change, "bulk_change.discarded", {})


def note_failure(work: UnitOfWork, command: tuple[str, DomainError]) -> None:
    """Why a bulk change could not be applied: said on its page, and of each listing that was in the way. Its drafters."""
    ref, error = command
    change = load(work, ref, "preview", None)
    change.message_en, change.message_zh = error.text.en, error.text.zh
    for item, reason in _reasons(work, change, error.problems):
        item.verdict, item.code, item.reason_en, item.reason_zh = "stale", reason.code, reason.detail.en, reason.detail.zh
    _touch(work, change)


def _reasons(work: UnitOfWork, change: BulkChange, problems: Iterable[Problem]) -> Iterable[tuple[BulkChangeItem, Problem]]:
    by_place = {problem.row: problem for problem in problems}
    return [(item, by_place[item.position]) for item in _items(work, change, ("change",)) if item.position in by_place]


def load(work: UnitOfWork, ref: str, action: str, version: int | None) -> BulkChange:
    """The bulk change for a step. Raises `not_found`, `forbidden`, `illegal_transition`, `stale_version`."""
    change = work.session.scalar(select(BulkChange).where(BulkChange.ref == ref).with_for_update())
    if change is None:
        raise fail("not_found")
    work.permit("bulk_change.view", Subject(owner_id=change.organisation_id))
    LIFE.move(change.status, action)  # in the words of this life, before the policy's
    work.permit(f"bulk_change.{action}", Subject(owner_id=change.organisation_id, status=change.status))
    check_version(version, change.version)
    return change


def _items(work: UnitOfWork, change: BulkChange, verdicts: tuple[str, ...]) -> Sequence[BulkChangeItem]:
    return work.session.scalars(
        select(BulkChangeItem)
        .where(BulkChangeItem.change_id == change.id, BulkChangeItem.verdict.in_(verdicts))
        .order_by(BulkChangeItem.position)
    ).all()


def _named(items: Iterable[BulkChangeItem]) -> list[Problem]:
    """Each listing by its title, with the reason."""
    found = []
    for item in items:
        title, en, zh = item.listing.title, item.reason_en or "", item.reason_zh or ""
        found.append(Problem(item.code or "refused", Text(f"{title}: {en}", f"{title}：{zh}"), row=item.position))
    return found


def _check_idle(work: UnitOfWork, change: BulkChange) -> None:
    job = job_view(work.session, change.job_id) if change.job_id is not None else None
    if job is not None and job.state in ("queued", "running"):
        raise fail("bulk_running")


def _queue(work: UnitOfWork, change: BulkChange, task: str, args: Mapping[str, Any]) -> None:
    who = {"user": work.actor.user_ref, "organisation": work.actor.organisation_ref}
    change.message_en = change.message_zh = None
    change.job_id = work.enqueue(task, {"ref": change.ref, **who, **args}, key=f"{task}:{change.ref}")


def _touch(work: UnitOfWork, change: BulkChange) -> None:
    change.version += 1
    change.updated_at = work.now


def _announce(work: UnitOfWork, change: BulkChange, action: str, after: Mapping[str, Any]) -> None:
    work.emit(Event(action, "bulk_change", change.ref, (change.organisation_id,), {}, dict(after)))
