"""Who stands in for whom within a regulator: a delegation or an absence from day to day, made, shown and ended on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from sqlalchemy import select

from app.accounts import Officer, officers_of, people_names
from app.approvals.models import Delegation
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import Problem, declare, fail
from app.kernel.event import Event
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.kernel.timewindow import Window

KINDS = {"delegation": Text("delegates", "委托"), "absence": Text("is absent", "外出")}

declare(
    "not_an_officer",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Name an officer of this authority.",
    "请选择本机关的审批人员。",
)


@dataclass(frozen=True, slots=True)
class Delegate:
    """`grantor_ref` None: oneself. `ends` is exclusive."""

    delegate_ref: str
    starts: date
    ends: date
    kind: str = "delegation"
    reason: str | None = None
    grantor_ref: str | None = None


@dataclass(frozen=True, slots=True)
class EndDelegation:
    ref: str


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """`active`: in force today."""

    ref: str
    kind: str
    grantor: str
    delegate: str
    starts: date
    ends: date
    reason: str | None
    made_by: str
    active: bool

    @property
    def window(self) -> Window:
        return Window(self.starts, self.ends)


def delegate(work: UnitOfWork, command: Delegate) -> str:
    """Let a colleague stand in. Who may: officers, for themselves or for a colleague who is absent. Returns its ref."""
    organisation_id = _own(work, "delegation.make")
    grantor = work.actor.user_id
    if command.grantor_ref is not None:
        grantor = officer_named(work, organisation_id, command.grantor_ref)
    to = officer_named(work, organisation_id, command.delegate_ref)
    problems = []
    if grantor == to:
        problems.append(Problem("invalid", Text("Name somebody else.", "请选择另一名人员。"), pointer="/delegate"))
    if grantor != work.actor.user_id and command.kind != "absence":
        said = Text("Only an absence can be entered for a colleague.", "只能为同事登记外出，不能代其委托。")
        problems.append(Problem("invalid", said, pointer="/grantor"))
    if command.kind not in KINDS:
        problems.append(Problem("invalid", Text("Choose one of the two.", "请选择其中一项。"), pointer="/kind"))
    if command.ends <= command.starts:
        problems.append(Problem("invalid", Text("Ends before it starts.", "结束日期早于开始日期。"), pointer="/ends"))
    elif command.ends <= work.today:
        problems.append(Problem("invalid", Text("This is over already.", "该期限已过。"), pointer="/ends"))
    if problems or grantor is None:
        raise fail("invalid", problems)
    row = Delegation(
        organisation_id=organisation_id,
        grantor_id=grantor,
        delegate_id=to,
        kind=command.kind,
        starts=command.starts,
        ends=command.ends,
        reason=(command.reason or "").strip()[:200] or None,
        created_by=work.actor.user_id,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    after = _facts(work, row) | {"reason": row.reason}
    work.emit(Event("delegation.made", "delegation", row.ref, (organisation_id,), {}, after))
    return row.ref


def end_delegation(work: UnitOfWork, command: EndDelegation) -> None:
    """End it from now on. Who may: officers of the regulator. Raises `not_found`."""
    row = work.session.scalar(select(Delegation).where(Delegation.ref == command.ref, Delegation.ended_at.is_(None)))
    if row is None:
        raise fail("not_found")
    work.permit("delegation.end", Subject(regulator_ids=frozenset({row.organisation_id})))
    row.ended_at = row.updated_at = work.now
    work.emit(
        Event(
            "delegation.ended",
            "delegation",
            row.ref,
            (row.organisation_id,),
            {"ended": False},
            {"ended": True} | _facts(work, row),
        )
    )


def _facts(work: UnitOfWork, row: Delegation) -> dict[str, object]:
    known = people_names(work.session, {row.grantor_id, row.delegate_id})
    return {
        "kind": row.kind,
        "grantor": known[row.grantor_id],
        "delegate": known[row.delegate_id],
        "starts": row.starts.isoformat(),
        "ends": row.ends.isoformat(),
    }


def _own(reader: Reader, action: str) -> int:
    """The regulator acted for, when its officer may do this there."""
    own = reader.actor.organisation_id
    reader.permit(action, Subject(regulator_ids=frozenset({own} if own and reader.actor.competences else ())))
    if own is None:
        raise fail("forbidden")
    return own


def officer_named(reader: Reader, organisation_id: int, ref: str) -> int:
    """The person, or `not_an_officer`."""
    for officer in officers_of(reader.session, organisation_id):
        if officer.ref == ref:
            return officer.id
    raise fail("not_an_officer")


def stands_in_for(reader: Reader, organisation_id: int, user_id: int | None = None) -> frozenset[int]:
    """Whom a person stands in for today; the actor when nobody is named."""
    acting = reader.actor.user_id if user_id is None else user_id
    return frozenset(row.grantor_id for row in _in_force(reader, organisation_id) if row.delegate_id == acting)


def _in_force(reader: Reader, organisation_id: int) -> Sequence[Delegation]:
    return reader.session.scalars(
        select(Delegation)
        .where(
            Delegation.organisation_id == organisation_id,
            Delegation.ended_at.is_(None),
            Delegation.starts <= reader.today,
            Delegation.ends > reader.today,
        )
        .order_by(Delegation.id)
    ).all()


def substitutes(reader: Reader, organisation_id: int) -> dict[int, int]:
    """Who is absent or delegates today → who stands in, the latest when several do."""
    return {row.grantor_id: row.delegate_id for row in _in_force(reader, organisation_id)}


def list_delegations(reader: Reader) -> list[DelegationRow]:
    """Those of one's own regulator that are in force or to come, soonest first."""
    organisation_id = _own(reader, "delegation.list")
    rows = reader.session.scalars(
        select(Delegation)
        .where(
            Delegation.organisation_id == organisation_id,
            Delegation.ended_at.is_(None),
            Delegation.ends > reader.today,
        )
        .order_by(Delegation.starts, Delegation.id)
    ).all()
    known = people_names(reader.session, {i for row in rows for i in (row.grantor_id, row.delegate_id, row.created_by)})
    return [
        DelegationRow(
            row.ref,
            row.kind,
            known[row.grantor_id],
            known[row.delegate_id],
            row.starts,
            row.ends,
            row.reason,
            known[row.created_by],
            row.starts <= reader.today,
        )
        for row in rows
    ]


def colleagues(reader: Reader) -> list[Officer]:
    """The officers of one's own regulator, by name."""
    return officers_of(reader.session, _own(reader, "delegation.list"))
