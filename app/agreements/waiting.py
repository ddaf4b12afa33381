"""Tasks of agreements: to sign, and to put before the regulators."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, exists, or_, select

from app.agreements.models import Agreement, AgreementVersion, Signature
from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.waiting import TaskKind, Waiting, task_kind

SIGN = task_kind("agreement.sign", Text("Sign an agreement", "签署协议"), WRITERS)
SUBMIT = task_kind("agreement.submit", Text("Submit an agreement for approval", "提交协议审批"), WRITERS)
HELD_UNTIL = Text("the capacity is held until then", "容量保留至此")


def to_sign(reader: Reader) -> Iterator[Waiting]:
    """Drafts whose current version the reader's side has not signed."""
    signed = exists(
        select(Signature.id)
        .join(AgreementVersion, AgreementVersion.id == Signature.version_id)
        .where(
            AgreementVersion.agreement_id == Agreement.id,
            AgreementVersion.number == Agreement.current_number,
            Signature.organisation_id.in_(reader.actor.subtree),
        )
    )
    return _tasks(reader, SIGN, Agreement.status.in_(("drafted", "returned")) & ~signed)


def to_submit(reader: Reader) -> Iterator[Waiting]:
    """Signed by both: either side puts it before its regulators."""
    return _tasks(reader, SUBMIT, Agreement.status == "signed")


def _tasks(reader: Reader, kind: TaskKind, waiting: ColumnElement[bool]) -> Iterator[Waiting]:
    mine = reader.actor.subtree
    own = or_(Agreement.owner_id.in_(mine), Agreement.requester_id.in_(mine))
    for row in reader.session.scalars(select(Agreement).where(own, waiting)):
        ours, theirs = (row.owner_id, row.requester_id) if row.owner_id in mine else (row.requester_id, row.owner_id)
        until = row.held_until.astimezone(reader.zone).date() if row.held_until else None
        since = row.updated_at or row.created_at
        yield Waiting(
            kind, "agreement", row.ref, row.title, ours, since, row.region, theirs, (), until, HELD_UNTIL if until else None
        )


WAITING = [to_sign, to_submit]
