"""Use cases of merging duplicates: propose, answer, withdraw, undo. Of one organisation's entries at once; of two organisations' only
with the consent of the one whose entry leaves, which is told neither whose the other is nor where exactly."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db.work import Reader, UnitOfWork
from app.disclosure import anchor
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.geometry import distance_m
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.needs.keeping.models import NeedMerge
from app.needs.keeping.rules import MERGE
from app.needs.models import Need, NeedsList
from app.needs.outcomes import check_fits, merge_into
from app.needs.rules import ENTRY
from app.needs.service import need_by_ref
from app.needs.visibility import subject_of

ROUGHLY_M = 100


@dataclass(frozen=True, slots=True)
class ProposeMerge:
    """`ref` leaves, `into_ref` is kept."""

    ref: str
    into_ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerMerge:
    ref: str
    accept: bool
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class UndoMerge:
    """A proposal that nobody answered yet is withdrawn by it."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class MergeView:
    """For who consents: the own entry, and of the other only what it must know: how far it is, to 100 m, and how much it asks for."""

    ref: str
    status: str
    reason: str
    need_ref: str
    title: str
    kind: str
    distance_m: int
    quantity: int
    other_quantity: int
    answer: str | None
    subject: Subject


def propose_merge(work: UnitOfWork, command: ProposeMerge) -> str:
    """Take an entry for a duplicate of another. Of the same organisation: it leaves at once. Else its requester is asked. Returns the
    state: merged or proposed. Who may: officers of the administration. Raises `merge_target_unfit`, `merge_standing`, `invalid`."""
    need, target = need_by_ref(work, command.ref), need_by_ref(work, command.into_ref)
    work.permit("need.merge", subject_of(need))
    check_fits(work, need, target)
    row = NeedMerge(
        need_id=need.id,
        into_id=target.id,
        status="proposed",
        reason=_said(command.reason),
        proposed_at=work.now,
        proposed_by=work.actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    if need.organisation_id == target.organisation_id:
        merge_into(work, row, need, target)
    else:
        _tell(work, "merge_proposed", row, need, {"reason": row.reason})
    return row.status


def answer_merge(work: UnitOfWork, command: AnswerMerge) -> str:
    """Consent, or not. Who may: managers of the organisation whose entry leaves. Returns the state. Raises `not_found`,
    `illegal_transition`, `merge_target_unfit` when the other entry has left meanwhile."""
    row, need = _load(work, command.ref)
    work.permit("need_merge.answer", _subject(need))
    MERGE.move(row.status, "consent" if command.accept else "decline")
    row.answered_at, row.answered_by = work.now, work.actor.user_id
    row.answer = (command.answer or "").strip()[:1000] or None
    target = work.session.get_one(Need, row.into_id)
    if command.accept:
        if target.status == "left":
            raise fail("merge_target_unfit")
        merge_into(work, row, need, target)
    else:
        row.status = MERGE.move(row.status, "decline")
        keeper = work.session.get_one(NeedsList, need.needs_list_id).administration_id
        _tell(work, "merge_declined", row, need, {"answer": row.answer}, keeper)
    return row.status


def undo_merge(work: UnitOfWork, command: UndoMerge) -> str:
    """Put a merged entry back as it was, while its list is not closed; or withdraw what was only proposed. Who may: officers of the
    administration. Returns the state. Raises `illegal_transition`, `conflict`."""
    row, need = _load(work, command.ref)
    work.permit("need.merge", subject_of(need))
    if row.status == "proposed":
        row.status = MERGE.move(row.status, "withdraw")
        _tell(work, "merge_withdrawn", row, need, {})
        return row.status
    reason = _said(command.reason)
    round_ = work.session.get_one(NeedsList, need.needs_list_id)
    row.status = MERGE.move(row.status, "undo")
    if round_.status == "closed":
        raise fail("conflict")
    row.undone_at, row.undone_why = work.now, reason
    back = "restore" if round_.status == "open" else "republish"
    need.status, need.outcome, need.outcome_reason, need.merged_into_id = ENTRY.move(need.status, back), None, None, None
    need.version, need.updated_at = need.version + 1, work.now
    data = {"need_id": need.id, "rematch": [need.kind]}
    after = {"status": need.status, "outcome": None, "reason": reason}
    before = {"status": "left", "outcome": "merged"}
    work.emit(Event("need.merge_undone", "need", need.ref, (need.organisation_id,), before, after, need.region, data))
    return row.status


def merge_view(reader: Reader, ref: str) -> MergeView:
    """A merge for who consents to it, or keeps the list. Raises `not_found`."""
    row, need = _load(reader, ref)
    reader.permit("need_merge.view", _subject(need))
    other = reader.session.get_one(Need, row.into_id)
    apart = distance_m(anchor(need.geom), anchor(other.geom))
    return MergeView(
        row.ref,
        row.status,
        row.reason,
        need.ref,
        need.title,
        need.kind,
        max(ROUGHLY_M, round(apart / ROUGHLY_M) * ROUGHLY_M),
        need.quantity,
        other.quantity,
        row.answer,
        _subject(need),
    )


def _load(reader: Reader, ref: str) -> tuple[NeedMerge, Need]:
    row = reader.session.scalar(select(NeedMerge).where(NeedMerge.ref == ref))
    if row is None:
        raise fail("not_found")
    return row, reader.session.get_one(Need, row.need_id)


def _subject(need: Need) -> Subject:
    return Subject(requester_id=need.organisation_id, region=need.region)


def _said(reason: str) -> str:
    if not reason.strip():
        raise fail("invalid", [Problem("required", Text("Say why.", "请填写理由。"), pointer="/reason")])
    return reason.strip()[:1000]


def _tell(work: UnitOfWork, what: str, row: NeedMerge, need: Need, after: dict[str, object], told: int | None = None) -> None:
    facts = {"merge": row.ref, "merge_status": row.status, **after}
    work.emit(Event(f"need.{what}", "need", need.ref, (told or need.organisation_id,), {}, facts, need.region))
