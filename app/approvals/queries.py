"""Reads of approvals: the regulator's inbox, one task with exactly what it decides on, and the tasks of an agreement for its
parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.accounts import OrganisationName, names, people_names
from app.agreements import (
    Agreement,
    AgreementRow,
    AgreementVersion,
    Change,
    LineView,
    agreement_rows,
    differences,
    line_views,
    subject_of,
)
from app.approvals.conditions import ConditionView, conditions_on
from app.approvals.decisions import OPEN
from app.approvals.delegating import substitutes
from app.approvals.models import Approval
from app.approvals.standing import ledger_changes, ledger_hash, read_ledger
from app.approvals.tasks import CLOCK, SUBJECT
from app.approvals.tasks import subject_of as task_subject
from app.assets import Asset
from app.db.paging import seek
from app.db.work import Reader
from app.deadlines import ClockView, Deadline, clocks_of
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.ledger import ClaimView, Free, free, held_by


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a colleague proposed. `mine`: the viewer did."""

    action: str
    by: str
    at: datetime
    mine: bool
    conditions: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task. `mine`: the viewer acts for its regulator. `officer`: whose case it is, `stand_in`: who stands in for that person
    today; these and the proposal are for its regulator alone."""

    ref: str
    status: str
    version: int
    mode: str
    authority: str
    region: str
    regulator: OrganisationName
    reason: Text
    content_hash: str
    agreement: AgreementRow
    created_at: datetime
    due_on: date | None
    decided_at: datetime | None
    decided_by: str | None
    reasons: str | None
    conditions: str | None
    mine: bool
    four_eyes: bool
    officer: str | None
    stand_in: str | None
    proposal: Proposal | None
    void_reason: Text | None
    ledger_hash: str | None
    deemed: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a line takes of one dimension, and how it stands: total, free with the line already counted."""

    line: LineView
    dimension: str
    amount_milli: int
    slots: Sequence[int]
    total_milli: int
    free_after_milli: int


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task with the exact content that it decides on. `is_current`: no later version exists. `ledger`, `ledger_hash`: the
    register and the ledger of its assets, which a decision made now is over; `changed`: what differs from when this task last knew
    them. `ledger`, its salt and `changed` are for its regulator alone. `content_changed`: what the current version changed."""

    row: TaskRow
    lines: Sequence[LineView]
    content: dict[str, Any]
    number: int
    is_current: bool
    others: Sequence[TaskRow]
    taken: Sequence[Taken]
    claims: Sequence[ClaimView]
    ledger: dict[str, Any] | None
    ledger_hash: str
    ledger_salt: str | None
    changed: Sequence[Change]
    content_changed: Sequence[Change]
    conditions: Sequence[ConditionView]
    remark: str | None
    clocks: Sequence[ClockView]
    subject: Subject

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """`status`: waiting (also to be confirmed), done, a state, or all when None."""

    status: str | None = "waiting"
    agreement_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    results: Sequence[TaskRow]
    count: int
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None


FAR_DUE = date(9999, 12, 31)


def list_tasks(
    reader: Reader,
    wanted: TaskFilter,
    limit: int = 50,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
) -> Found:
    """The tasks of the actor's own regulator, and those on agreements that it is a party to; the most urgent first."""
    reader.permit("approval.list")
    party = or_(Agreement.owner_id.in_(reader.actor.subtree), Agreement.requester_id.in_(reader.actor.subtree))
    conditions = [or_(Approval.regulator_id == reader.actor.organisation_id, party)]
    if wanted.status == "done":
        conditions.append(Approval.status.not_in((*OPEN, "void")))
    elif wanted.status == "waiting":
        conditions.append(Approval.status.in_(OPEN))
    elif wanted.status:
        conditions.append(Approval.status == wanted.status)
    if wanted.agreement_ref:
        conditions.append(Agreement.ref == wanted.agreement_ref)
    due = func.coalesce(Deadline.due_on, FAR_DUE)
    joined: Any = (
        select(Approval, Agreement, Deadline.due_on)
        .join(Agreement, Agreement.id == Approval.agreement_id)
        .outerjoin(Deadline, and_(Deadline.subject_type == SUBJECT, Deadline.subject_ref == Approval.ref, Deadline.rule == CLOCK))
    )
    count = reader.session.scalar(select(func.count()).select_from(joined.where(*conditions).subquery())) or 0
    backwards = before is not None
    key = before if backwards else after
    statement = seek(joined.where(*conditions), [(due, False), (Approval.id, False)], _key(key), limit, reverse=backwards)
    rows = list(reader.session.execute(statement))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, after is not None)

    def place(row: tuple[Approval, Agreement, date | None]) -> tuple[Any, ...]:
        return ((row[2] or FAR_DUE).isoformat(), row[0].id)

    return Found(
        _rows(reader, rows),
        count,
        place(rows[-1]) if rows and has_next else None,
        place(rows[0]) if rows and has_previous else None,
    )


def _key(given: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if given is None else (date.fromisoformat(given[0]), given[1])


def _rows(reader: Reader, rows: Sequence[tuple[Approval, Agreement, date | None]]) -> list[TaskRow]:
    known = names(reader.session, {task.regulator_id for task, _, _ in rows})
    own = reader.actor.organisation_id
    stand_ins = substitutes(reader, own) if own is not None and own in known else {}
    wanted = {who for task, _, _ in rows for who in (task.decided_by, task.officer_id, task.proposed_by)}
    people = people_names(reader.session, {*wanted, *stand_ins.values()})
    shown = {row.ref: row for row in agreement_rows(reader, [agreement for _, agreement, _ in rows])}
    return [
        TaskRow(
            task.ref,
            task.status,
            task.version,
            task.mode,
            task.authority,
            task.region,
            known[task.regulator_id],
            Text(task.reason_competent["en"], task.reason_competent["zh"]),
            task.content_hash,
            shown[agreement.ref],
            task.created_at,
            due_on,
            task.decided_at,
            people.get(task.decided_by or 0),
            task.reasons,
            task.conditions,
            mine := task.regulator_id == reader.actor.organisation_id,
            task.four_eyes,
            people.get(task.officer_id or 0) if mine else None,
            people.get(stand_ins.get(task.officer_id or 0, 0)) if mine else None,
            _proposal(reader, task, people) if mine else None,
            Text(task.void_reason["en"], task.void_reason["zh"]) if task.void_reason else None,
            task.ledger_hash,
            task.deemed,
        )
        for task, agreement, due_on in rows
    ]


def _proposal(reader: Reader, task: Approval, people: Mapping[int, str]) -> Proposal | None:
    if task.proposed_action is None or task.proposed_by is None or task.proposed_at is None:
        return None
    mine = task.proposed_by == reader.actor.user_id
    return Proposal(task.proposed_action, people[task.proposed_by], task.proposed_at, mine, list(task.conditions_asked))


def tasks_on(reader: Reader, agreement: Agreement, version_id: int | None = None) -> list[TaskRow]:
    """Every task on an agreement (on one version of it), in the order of submission."""
    statement = (
        select(Approval, Deadline.due_on)
        .outerjoin(
            Deadline,
            and_(Deadline.subject_type == SUBJECT, Deadline.subject_ref == Approval.ref, Deadline.rule == CLOCK),
        )
        .where(Approval.agreement_id == agreement.id)
        .order_by(Approval.id)
    )
    if version_id is not None:
        statement = statement.where(Approval.version_id == version_id)
    return _rows(reader, [(task, agreement, due) for task, due in reader.session.execute(statement)])


def tasks_of_agreement(reader: Reader, ref: str) -> list[TaskRow]:
    """The tasks on an agreement that the actor may see."""
    agreement = reader.session.scalar(select(Agreement).where(Agreement.ref == ref))
    if agreement is None:
        raise fail("not_found")
    reader.permit("approval.view", subject_of(agreement))
    return tasks_on(reader, agreement)


def task_detail(reader: Reader, ref: str) -> TaskView:
    """One task, or `not_found`: for its regulator, the others on the same agreement, and the parties."""
    task = reader.session.scalar(select(Approval).where(Approval.ref == ref))
    if task is None:
        raise fail("not_found")
    agreement = reader.session.get_one(Agreement, task.agreement_id)
    reader.permit("approval.view", subject_of(agreement))
    version = reader.session.get_one(AgreementVersion, task.version_id)
    rows, lines = tasks_on(reader, agreement, version.id), line_views(reader, version.id)
    claims = held_by(reader.session, "agreement", agreement.ref)
    row = next(row for row in rows if row.ref == ref)
    ledger = read_ledger(reader.session, agreement, version.id)
    current = version
    if version.number != agreement.current_number:
        current = reader.session.scalars(
            select(AgreementVersion).where(
                AgreementVersion.agreement_id == agreement.id, AgreementVersion.number == agreement.current_number
            )
        ).one()
    return TaskView(
        row=row,
        lines=lines,
        content=dict(version.content),
        number=version.number,
        is_current=version.number == agreement.current_number,
        others=[row for row in rows if row.ref != ref],
        taken=_taken(reader, lines, claims),
        claims=claims,
        ledger=ledger if row.mine else None,
        ledger_hash=ledger_hash(ledger, agreement.salt),
        ledger_salt=agreement.salt if row.mine else None,
        changed=ledger_changes(task.ledger, ledger) if row.mine and task.ledger and task.status in OPEN else (),
        content_changed=[c for c in differences(version.content, current.content) if c.path != "number"],
        conditions=conditions_on(reader, agreement, ref),
        remark=task.remark if row.mine else None,
        clocks=clocks_of(reader, SUBJECT, ref),
        subject=task_subject(task),
    )


def _taken(reader: Reader, lines: Sequence[LineView], claims: Sequence[ClaimView]) -> list[Taken]:
    """What each line takes beside what its asset has; the agreement's own claims are counted already."""
    assets = {line.asset_ref: _asset_id(reader, line.asset_ref) for line in lines}
    found: list[Taken] = []
    for line in lines:
        state: dict[str, Free] = free(reader.session, assets[line.asset_ref], line.window)
        found += [
            Taken(line, name, line.amounts[name], line.slots.get(name, ()), state[name].total_milli, state[name].free_milli)
            for name in (dimension.name for dimension in line.kind.dimensions)
            if name in line.amounts
        ]
    return found


def _asset_id(reader: Reader, ref: str) -> int:
    return reader.session.scalars(select(Asset.id).where(Asset.ref == ref)).one()
