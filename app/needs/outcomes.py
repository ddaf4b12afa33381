"""How an entry leaves its list: served, partly served, merged, carried over, returned, to be co-built, own build."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.ids import new_ref
from app.kernel.version import check_version
from app.needs.entering import check_enters
from app.needs.keeping.models import NeedMerge
from app.needs.keeping.rules import MERGE
from app.needs.models import Need
from app.needs.rounds import round_by_ref
from app.needs.rules import BY_ADMINISTRATION, ENTRY, check_outcome
from app.needs.service import need_by_ref
from app.needs.visibility import subject_of

JOINED = "need.joined"


@dataclass(frozen=True, slots=True)
class GiveOutcome:
    ref: str
    outcome: str
    reason: str | None = None
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class MergeNeed:
    ref: str
    into_ref: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class CarryOver:
    ref: str
    needs_list_ref: str
    seen_version: int | None = None


def _leave(work: UnitOfWork, need: Need, outcome: str, reason: str | None, **more: object) -> None:
    before = {"status": need.status, "outcome": None}
    need.status, need.outcome, need.outcome_reason = ENTRY.move(need.status, "leave"), outcome, reason
    need.version, need.updated_at = need.version + 1, work.now
    work.emit(
        Event(
            f"need.{outcome}",
            "need",
            need.ref,
            (need.organisation_id,),
            before,
            {"status": need.status, "outcome": outcome, "reason": reason, **more},
            need.region,
            {"need_id": need.id},
        )
    )


def give_outcome(work: UnitOfWork, command: GiveOutcome) -> None:
    """Close an entry with an outcome. Who may: the administration of the region. Own build and return need a reason."""
    need = need_by_ref(work, command.ref)
    work.permit("need.outcome", subject_of(need))
    check_version(command.seen_version, need.version)
    if command.outcome not in BY_ADMINISTRATION:
        raise fail("invalid")
    check_outcome(command.outcome, command.reason)
    _leave(work, need, command.outcome, command.reason)


def merge_need(work: UnitOfWork, command: MergeNeed) -> None:
    """Close an entry as a duplicate of another one of its organisation; the link is kept and followed. Raises
    `merge_target_unfit`, `merge_needs_consent`, `merge_standing`."""
    need, target = need_by_ref(work, command.ref), need_by_ref(work, command.into_ref)
    work.permit("need.outcome", subject_of(need))
    check_version(command.seen_version, need.version)
    check_fits(work, need, target)
    if need.organisation_id != target.organisation_id:
        raise fail("merge_needs_consent")
    row = NeedMerge(
        need_id=need.id,
        into_id=target.id,
        reason="",
        status="proposed",
        proposed_at=work.now,
        proposed_by=work.actor.user_id,
    )
    work.session.add(row)
    merge_into(work, row, need, target)


def check_fits(work: UnitOfWork, need: Need, target: Need) -> None:
    """Entries are merged into an open entry of the same list and kind; one at a time."""
    fits = (
        target.needs_list_id == need.needs_list_id
        and target.kind == need.kind
        and target.status != "left"
        and target.id != need.id
    )
    if not fits:
        raise fail("merge_target_unfit")
    standing = select(NeedMerge.id).where(NeedMerge.need_id == need.id, NeedMerge.status.in_(("proposed", "merged")))
    if work.session.scalar(standing) is not None:
        raise fail("merge_standing")


def merge_into(work: UnitOfWork, row: NeedMerge, need: Need, target: Need) -> None:
    """The entry leaves; its record says into which one, and what it was."""
    row.status, row.was_status = MERGE.move(row.status, "consent"), need.status
    need.merged_into_id = target.id
    _leave(work, need, "merged", row.reason or None, merged_into=target.ref)
    if target.organisation_id != need.organisation_id:  # told by the platform: who consented stays unknown to who is told
        work.enqueue(JOINED, {"merge": row.ref}, key=f"{JOINED}:{row.ref}")


def tell_kept(work: UnitOfWork, merge_ref: str) -> None:
    """Tell who asked for the entry that is kept that another organisation's hangs on it, neither whose nor which. Who may: the
    system."""
    row = work.session.scalars(select(NeedMerge).where(NeedMerge.ref == merge_ref)).one()
    if row.status != "merged":  # undone meanwhile
        return
    need, target = work.session.get_one(Need, row.need_id), work.session.get_one(Need, row.into_id)
    work.permit("need.merge", subject_of(target))
    after = {"quantity": need.quantity}
    work.emit(
        Event("need.joined", "need", target.ref, (target.organisation_id,), {}, after, target.region, {"need_id": target.id})
    )


def carry_over(work: UnitOfWork, command: CarryOver) -> str:
    """Close an entry here and submit it again, unchanged, to a list that collects and takes it. Returns the new entry's ref. Raises
    `invalid`, `round_not_collecting`, `list_by_invitation`."""
    need = need_by_ref(work, command.ref)
    work.permit("need.carry_over", subject_of(need))
    check_version(command.seen_version, need.version)
    target = round_by_ref(work, command.needs_list_ref)
    check_enters(work, target, need.organisation_id, need.kind, need)
    if target.id == need.needs_list_id:
        raise fail("conflict")
    left = {
        "id",
        "ref",
        "status",
        "outcome",
        "outcome_reason",
        "version",
        "created_at",
        "updated_at",
        "needs_list_id",
        "merged_into_id",
        "import_id",
    }
    kept = {c.key: getattr(need, c.key) for c in Need.__table__.columns if c.key not in left}
    again = Need(**kept, ref=new_ref(), status="submitted", created_at=work.now, needs_list_id=target.id)
    again.carried_from_id = need.id
    work.session.add(again)
    _leave(work, need, "carried_over", None, carried_to=again.ref)
    return again.ref


def serve(work: UnitOfWork, need_id: int, quantity: int) -> tuple[str, int]:
    """An agreement in force serves `quantity` of a need: the outstanding part shrinks, at nothing left the need is served.

    Part of the approval's own transaction and audit record; returns (status, outstanding)."""
    need = work.session.get_one(Need, need_id)
    need.quantity_outstanding = max(0, need.quantity_outstanding - quantity)
    need.version, need.updated_at = need.version + 1, work.now
    if need.quantity_outstanding == 0 and need.status in ("published", "matched"):
        need.status, need.outcome = ENTRY.move(need.status, "leave"), "served"
    return need.status, need.quantity_outstanding
