"""Keep an unfinished form, give it up, and be rid of it once it was sent. A person's own notes, not a change of the marketplace: no
event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import delete, func, select

from app.db.work import UnitOfWork
from app.drafts.models import FormDraft
from app.drafts.rules import FORM, KEPT, MOST, MOST_CHARACTERS
from app.kernel.errors import fail

C = TypeVar("C")
T = TypeVar("T")
FORGET = "drafts.forget"


@dataclass(frozen=True, slots=True)
class KeepDraft:
    form: str
    values: Mapping[str, str]


def keep_draft(work: UnitOfWork, command: KeepDraft) -> None:
    """Keep what was typed in the place of what was kept before. Raises `draft_too_long`, `draft_too_many`."""
    person, organisation = _mine(work, command.form)
    if sum(len(name) + len(value) for name, value in command.values.items()) > MOST_CHARACTERS:
        raise fail("draft_too_long")
    row = work.session.get(FormDraft, (person, organisation, command.form))
    if row is None:
        own = FormDraft.person_id == person, FormDraft.organisation_id == organisation
        if (work.session.scalar(select(func.count()).select_from(FormDraft).where(*own)) or 0) >= MOST:
            raise fail("draft_too_many", most=MOST)
        row = FormDraft(person_id=person, organisation_id=organisation, form=command.form)
        work.session.add(row)
    row.values, row.saved_at = dict(command.values), work.now
    day = (work.now + KEPT).date()
    work.enqueue(FORGET, {}, key=f"{FORGET}:{day}", delay_s=KEPT.total_seconds() + 24 * 3600)


def discard_draft(work: UnitOfWork, form: str) -> None:
    """Forget what was kept of a form; nothing happens when nothing was."""
    _mine(work, form)
    _forget(work, form)


def _forget(work: UnitOfWork, form: str) -> None:
    own = FormDraft.person_id == work.actor.user_id, FormDraft.organisation_id == work.actor.organisation_id
    work.session.execute(delete(FormDraft).where(*own, FormDraft.form == form))


def _mine(work: UnitOfWork, form: str) -> tuple[int, int]:
    work.permit("draft.keep")
    person, organisation = work.actor.user_id, work.actor.organisation_id
    if person is None or organisation is None:
        raise fail("forbidden")
    if not FORM.fullmatch(form):
        raise fail("not_found")
    return person, organisation


def finishing(form: str, use_case: Callable[[UnitOfWork, C], T]) -> Callable[[UnitOfWork, C], T]:
    """The use case that a form is sent to: with it, in the same transaction, what was kept of the form is forgotten."""

    def finished(work: UnitOfWork, command: C) -> T:
        result = use_case(work, command)
        _forget(work, form)
        return result

    return finished


def forget_drafts(work: UnitOfWork, command: None = None) -> int:
    """Delete what nobody came back for, and return how many there were. The system."""
    found = work.session.execute(delete(FormDraft).where(FormDraft.saved_at < work.now - KEPT))
    return int(getattr(found, "rowcount", 0))
