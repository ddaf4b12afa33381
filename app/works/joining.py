"""Use cases of joining announced works: ask, answer, withdraw, say that one does not join; and the end of the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.catalogue.profiles import get_profile
from app.db.work import UnitOfWork
from app.deadlines import Deadline, Effect, end_deadline, meet_deadline, start_deadline
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.works.models import WorksJoin, WorksProject
from app.works.projects import (
    ANSWER,
    SUBJECT,
    WINDOW,
    answer_words,
    elements_of,
    event_of,
    found,
    joins_of,
    late_then,
    load,
    subject_of,
    touch,
)
from app.works.rules import JOIN, LIFE, STANDING, asked

ASK = "works_join"  # subject of the clock of an answer
ASKED = {"waiting": "works.join_asked", "late": "works.join_asked_late", "too_late": "works.join_late"}  # state → event


@dataclass(frozen=True, slots=True)
class AskToJoin:
    """`what`: what is to be laid or built along. `elements`: numbers; none: the whole of the works."""

    ref: str
    what: str
    elements: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class PassOn:
    """The organisation does not join; `why` may be left out."""

    ref: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class AnswerJoin:
    """A refusal says why."""

    ref: str
    number: int
    accept: bool
    answer: str = ""
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class WithdrawJoin:
    ref: str
    number: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What stands on record now. `answer`: what it says at once, of a late request."""

    number: int
    status: str
    answer: Text | None = None


def ask_to_join(work: UnitOfWork, command: AskToJoin) -> Answered:
    """Ask the sponsor to join. After the window it is late, and the rule by which the works were announced says what follows: it is
    not taken, or the sponsor may take it without a duty. Who may: managers of any other organisation. Raises `own_works`,
    `join_standing`, `invalid`."""
    project = _open(work, command.ref)
    if not command.what.strip():
        raise _invalid("/what", "Say what you would build along.", "请填写拟同步建设的内容。")
    numbers = [row.number for row in elements_of(work.session, project)]
    if not set(command.elements) <= set(numbers):
        raise _invalid("/elements", "There is no such element.", "没有该构件。")
    status = asked(work.today, _last(project), late_then(project.terms))
    row = _answered(work, project, status, command.what, command.elements)
    profile = get_profile(project.profile)
    said = answer_words(row, project.terms)
    if said and status in JOIN.final:
        row.answer, row.answered_on = said.in_(profile.language), work.today
    work.session.flush()
    if status == "waiting" and profile.clock(ANSWER) is not None:
        start_deadline(work, profile, ANSWER, ASK, row.ref, project.sponsor_id, work.now, concerned=[row.organisation_id])
    after = {"status": row.status, "what": row.what, "elements": list(row.elements), "number": row.number}
    work.emit(event_of(project, ASKED[status], [project.sponsor_id, row.organisation_id], {}, after))
    return Answered(row.number, row.status, said)


def pass_on(work: UnitOfWork, command: PassOn) -> Answered:
    """Say, on record, that one's organisation does not join. Who may: managers of any other organisation. Raises `own_works`,
    `join_standing`."""
    project = _open(work, command.ref)
    if any(
        row.status == "passed" and row.organisation_id == work.actor.organisation_id for row in joins_of(work.session, project)
    ):
        raise fail("join_standing")
    row = _answered(work, project, JOIN.move("waiting", "pass_on"), command.why, ())
    row.answered_on = work.today
    work.session.flush()
    after = {"status": row.status, "why": row.what, "number": row.number}
    work.emit(event_of(project, "works.passed_on", [project.sponsor_id, row.organisation_id], {}, after))
    return Answered(row.number, row.status)


def answer_join(work: UnitOfWork, command: AnswerJoin) -> int:
    """Accept a request to join, or refuse it with the reason. Who may: managers of the sponsor. Returns the project's new
    version. Raises `invalid`, `illegal_transition`, `not_found`."""
    project = load(work, command.ref, "works.answer", command.seen_version)
    row = _numbered(work, project, command.number)
    before, row.status = row.status, JOIN.move(row.status, "accept" if command.accept else "refuse")
    if not command.accept and not command.answer.strip():
        raise _invalid("/answer", "Say why.", "请填写理由。")
    row.answer, row.answered_on, row.updated_at = command.answer.strip() or None, work.today, work.now
    meet_deadline(work, ASK, row.ref, ANSWER)
    touch(work, project)
    after = {"status": row.status, "answer": row.answer, "number": row.number}
    action = "works.join_accepted" if command.accept else "works.join_refused"
    work.emit(event_of(project, action, [project.sponsor_id, row.organisation_id], {"status": before}, after))
    return project.version


def withdraw_join(work: UnitOfWork, command: WithdrawJoin) -> None:
    """Take one's own request back. Who may: managers of who asked. Raises `not_found`, `illegal_transition`."""
    project = found(work, command.ref, lock=True)
    row = _numbered(work, project, command.number)
    if row.organisation_id != work.actor.organisation_id:
        raise fail("not_found")
    work.permit("works.join", subject_of(project, work.actor))
    before, row.status = row.status, JOIN.move(row.status, "withdraw")
    row.answered_on, row.updated_at = work.today, work.now
    end_deadline(work, ASK, row.ref, ANSWER)
    after = {"status": row.status, "number": row.number}
    work.emit(event_of(project, "works.join_withdrawn", [project.sponsor_id, row.organisation_id], {"status": before}, after))


def close_window(work: UnitOfWork, row: Deadline) -> Effect:
    """The window is over: nobody was silent, so the clock is met as it passes."""
    meet_deadline(work, SUBJECT, row.subject_ref, WINDOW)
    project = work.session.scalars(select(WorksProject).where(WorksProject.ref == row.subject_ref)).one()
    return Effect(after={"joining": "closed", "name": project.name}, region=project.region)


def _open(work: UnitOfWork, ref: str) -> WorksProject:
    """Announced works of somebody else, locked, of which the actor may join."""
    project = found(work, ref, lock=True)
    work.permit("works.join", subject_of(project, work.actor))
    if project.sponsor_id == work.actor.organisation_id:
        raise fail("own_works")
    LIFE.move(project.status, "complete")
    return project


def _answered(work: UnitOfWork, project: WorksProject, status: str, what: str, elements: Sequence[int]) -> WorksJoin:
    mine = [row for row in joins_of(work.session, project) if row.organisation_id == work.actor.organisation_id]
    if any(row.status in STANDING for row in mine):
        raise fail("join_standing")
    row = WorksJoin(
        project_id=project.id,
        number=len(joins_of(work.session, project)) + 1,
        organisation_id=work.actor.organisation_id,
        status=status,
        what=what.strip(),
        elements=sorted(set(elements)),
        asked_on=work.today,
        join_until=_last(project),
        late_rule=late_then(project.terms),
        created_at=work.now,
    )
    work.session.add(row)
    return row


def _numbered(work: UnitOfWork, project: WorksProject, number: int) -> WorksJoin:
    row = next((one for one in joins_of(work.session, project) if one.number == number), None)
    if row is None:
        raise fail("not_found")
    return row


def _last(project: WorksProject) -> date:
    """The last day of the window; works without one are not announced."""
    if project.join_until is None:
        raise fail("not_found")
    return project.join_until


def _invalid(pointer: str, en: str, zh: str) -> Exception:
    return fail("invalid", [Problem("invalid", Text(en, zh), pointer=pointer)])
