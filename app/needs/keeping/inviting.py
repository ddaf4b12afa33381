"""Use cases of the invitation to a needs list: invite, remind, say that one has nothing to enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.db.work import UnitOfWork
from app.kernel.errors import fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.needs.keeping.models import ListInvitation
from app.needs.keeping.queries import answers_of, silent_ids
from app.needs.models import NeedsList
from app.needs.rounds import choose_companies, companies_of, round_by_ref, subject_of
from app.needs.rules import check_collecting


@dataclass(frozen=True, slots=True)
class Invite:
    """`organisation_refs`: companies; who is invited already stays so."""

    list_ref: str
    organisation_refs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Remind:
    list_ref: str


@dataclass(frozen=True, slots=True)
class DeclineList:
    list_ref: str
    note: str | None = None


def invite(work: UnitOfWork, command: Invite) -> int:
    """Invite companies to a list that is open; each is told in its inbox and by mail. Returns how many are new.

    Who may: officers of the administration. Raises `invalid`, `round_not_collecting`."""
    round_ = _open(work, command.list_ref)
    found = companies_of(work, command.organisation_refs)
    if not found:
        raise fail("invalid", [choose_companies()])
    invited = set(work.session.scalars(select(ListInvitation.organisation_id).where(ListInvitation.needs_list_id == round_.id)))
    fresh = [number for number in found if number not in invited]
    work.session.add_all(ListInvitation(needs_list_id=round_.id, organisation_id=number, invited_at=work.now) for number in fresh)
    if fresh:
        work.emit(_event("invited", round_, fresh))
    return len(fresh)


def remind(work: UnitOfWork, command: Remind) -> int:
    """Remind those who are invited and have neither entered anything nor said that they will not. Returns how many.

    Who may: officers of the administration. Raises `nobody_to_tell`, `round_not_collecting`."""
    round_ = _open(work, command.list_ref)
    silent = silent_ids(work, round_)
    if not silent:
        raise fail("nobody_to_tell")
    rows = select(ListInvitation).where(ListInvitation.needs_list_id == round_.id, ListInvitation.organisation_id.in_(silent))
    for row in work.session.scalars(rows):
        row.reminders, row.reminded_at = row.reminders + 1, work.now
    work.emit(_event("reminded", round_, silent))
    return len(silent)


def decline_list(work: UnitOfWork, command: DeclineList) -> None:
    """Say that one's organisation has nothing to enter; entries made later speak for themselves. Who may: managers of an invited
    organisation. Raises `not_invited`."""
    round_ = round_by_ref(work, command.list_ref)
    work.permit("needs_list.answer", Subject(requester_id=work.actor.organisation_id))
    mine = (ListInvitation.needs_list_id == round_.id, ListInvitation.organisation_id == work.actor.organisation_id)
    row = work.session.scalar(select(ListInvitation).where(*mine))
    if row is None or answers_of(work, round_)[row.organisation_id] in ("entered", "drafting"):
        raise fail("not_invited")
    row.declined_at, row.note = work.now, (command.note or "").strip()[:1000] or None
    work.emit(_event("answered", round_, [round_.administration_id], note=row.note))


def _open(work: UnitOfWork, ref: str) -> NeedsList:
    round_ = round_by_ref(work, ref)
    work.permit("needs_list.invite", subject_of(round_))
    check_collecting(round_.status, min(round_.opens_on, work.today), round_.closes_on, work.today)
    return round_


def _event(action: str, round_: NeedsList, told: Sequence[int], **more: object) -> Event:
    name = {"en": round_.name, "zh": round_.name_zh or round_.name}
    after = {"name": name, "closes_on": round_.closes_on.isoformat(), "count": len(told), **more}
    return Event(f"needs_list.{action}", "needs_list", round_.ref, tuple(told), after=after, region=round_.region)
