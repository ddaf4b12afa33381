"""Use cases of who has a task: take, release, assign. What goes on inside an organisation concerns nobody else.

An approval keeps whose case it is itself: there these are its own acts, with its own records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select

from app.accounts import Officer, Organisation, colleagues_of, mailbox_of
from app.approvals import LeaveCase, TakeCase, leave_case, stands_in_for, take_case
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.text import Text
from app.notices import queue_mail
from app.tasks.models import TaskHold
from app.tasks.queries import Task, all_tasks, find_task
from app.tasks.rules import check_free, check_holds

SUBJECT = "task"
CASES = ("approval.decide", "approval.consult", "approval.file")
ASSIGNED_SUBJECT = Text("A task for you: {what}", "有事项指派给您：{what}")
ASSIGNED = Text(
    "{name} assigned to you: {what}\n{title}\n\nOpen the inbox of Infrashare to see by when, and to do it.\n",
    "{name}将一项事项指派给您：{what}\n{title}\n\n请登录 Infrashare 待办页面查看期限并办理。\n",
)


@dataclass(frozen=True, slots=True)
class TakeTask:
    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class ReleaseTask:
    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class AssignTask:
    """`person_ref`: a colleague who may do it."""

    kind: str
    ref: str
    person_ref: str


def take_task(work: UnitOfWork, command: TakeTask) -> None:
    """Take a task that nobody has, or that somebody has whom one stands in for. Who may: who may do it. Raises `task_over`,
    `task_taken`, `forbidden`."""
    work.permit("task.take")
    task = _load(work, command.kind, command.ref)
    check_free(task.holder_id, task.holder or "", work.actor.user_id, _stood_in_for(work))
    if task.holder_id == work.actor.user_id:
        return
    if task.kind.code in CASES:
        take_case(work, TakeCase(task.ref))
    else:
        _hold(work, task, _self(work), work.actor.name, "taken")


def release_task(work: UnitOfWork, command: ReleaseTask) -> None:
    """Give a task back to everybody. Who may: who has it, or stands in for who has. Raises `task_over`, `task_not_yours`."""
    work.permit("task.take")
    task = _load(work, command.kind, command.ref)
    check_holds(task.holder_id, work.actor.user_id, _stood_in_for(work))
    if task.kind.code in CASES:
        leave_case(work, LeaveCase(task.ref))
        return
    work.session.execute(delete(TaskHold).where(*_of(task)))
    _tell(work, task, "released", None)


def assign_task(work: UnitOfWork, command: AssignTask) -> None:
    """Give a task to a colleague who may do it, who is told by mail. Who may: who may do it themselves. Raises `task_over`,
    `not_a_colleague`, `forbidden`."""
    work.permit("task.assign")
    task = _load(work, command.kind, command.ref)
    person = next((one for one in colleagues(work, task) if one.ref == command.person_ref), None)
    if person is None:
        raise fail(
            "not_a_colleague", [Problem("not_a_colleague", Text("Choose a colleague.", "请选择同事。"), pointer="/person")]
        )
    if task.kind.code in CASES:
        take_case(work, TakeCase(task.ref, person.ref))
    else:
        _hold(work, task, person.id, person.name, "assigned")
    address = mailbox_of(work.session, person.id)
    if address is not None and person.id != work.actor.user_id:
        words = {"name": work.actor.name, "title": task.waiting.title}
        said = Text(ASSIGNED.en.format(what=task.kind.label.en, **words), ASSIGNED.zh.format(what=task.kind.label.zh, **words))
        subject = ASSIGNED_SUBJECT.format(what=task.kind.label)
        queue_mail(work, address, f"{subject.zh} / {subject.en}", f"{said.zh}\n----\n\n{said.en}")


def colleagues(reader: Reader, task: Task) -> list[Officer]:
    """To whom a task can be given: who may do it, at the organisation acted for or the one it waits for."""
    own = {reader.actor.organisation_id or 0, task.waiting.organisation_id}
    found = colleagues_of(reader.session, own, task.kind.roles)
    return [one for one in found if one.id != task.waiting.not_by]


@dataclass(frozen=True, slots=True)
class Assignable:
    """Tasks, and who may be given all of them."""

    tasks: Sequence[Task]
    people: Sequence[Officer]


def assignable(reader: Reader, names: Sequence[str]) -> Assignable:
    """Of the tasks of these names, those that the reader may assign. Raises `nothing_chosen`."""
    reader.permit("task.assign")
    found = [task for task in all_tasks(reader) if task.name in set(names) and task.can_do]
    if not found:
        raise fail("nothing_chosen")
    each = [{one.id: one for one in colleagues(reader, task)} for task in found]
    shared = set.intersection(*(set(people) for people in each))
    return Assignable(found, [one for number, one in each[0].items() if number in shared])


def _load(work: UnitOfWork, kind: str, ref: str) -> Task:
    """One at a time within an organisation, so that two who take the same task do not both have it."""
    own = select(Organisation.id).where(Organisation.id == work.actor.organisation_id)
    work.session.execute(own.with_for_update(key_share=True))
    task = find_task(work, kind, ref)
    if task is None:
        raise fail("task_over")
    if not task.can_do:
        raise fail("forbidden")
    return task


def _stood_in_for(work: UnitOfWork) -> frozenset[int]:
    return stands_in_for(work, work.actor.organisation_id or 0)


def _self(work: UnitOfWork) -> int:
    assert work.actor.user_id is not None  # policies let only people pass
    return work.actor.user_id


def _of(task: Task) -> tuple[ColumnElement[bool], ...]:
    one = task.waiting
    return (
        TaskHold.organisation_id == one.organisation_id,
        TaskHold.kind == one.kind.code,
        TaskHold.subject_ref == one.subject_ref,
    )


def _hold(work: UnitOfWork, task: Task, person_id: int, name: str, what: str) -> None:
    row = work.session.scalar(select(TaskHold).where(*_of(task)))
    if row is None:
        one = task.waiting
        row = TaskHold(organisation_id=one.organisation_id, kind=one.kind.code, subject_ref=one.subject_ref)
        work.session.add(row)
    row.person_id, row.given_by, row.taken_at = person_id, _self(work), work.now
    _tell(work, task, what, name)


def _tell(work: UnitOfWork, task: Task, what: str, name: str | None) -> None:
    """On the record of one's own organisation alone."""
    before = {"holder": task.holder}
    after = {"holder": name, "task": task.kind.code, "subject": task.waiting.subject_type}
    work.emit(Event(f"task.{what}", SUBJECT, task.ref, (task.waiting.organisation_id,), before, after, task.waiting.region))
