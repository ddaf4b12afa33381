"""Home: agreements that wait for the reader's signature, or to be put before their regulators."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.agreements.models import Agreement, AgreementVersion, Signature
from app.agreements.queries import agreement_rows
from app.db.work import Reader
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url


def to_sign(reader: Reader) -> HomeCard | None:
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
    waiting = Agreement.status.in_(("drafted", "returned")) & ~signed
    return _card(
        reader,
        waiting,
        Text("Agreements to sign", "待签署的协议"),
        Text("No agreement waits for your signature.", "暂无待您签署的协议。"),
        30,
    )


def to_submit(reader: Reader) -> HomeCard | None:
    """Signed by both: either side puts it before its regulators."""
    return _card(
        reader,
        Agreement.status == "signed",
        Text("Agreements to submit for approval", "待提交审批的协议"),
        Text("No signed agreement waits to be submitted.", "暂无待提交审批的协议。"),
        40,
    )


def _card(reader: Reader, waiting: ColumnElement[bool], title: Text, empty: Text, order: int) -> HomeCard | None:
    if not reader.actor.roles & WRITERS:
        return None
    own = or_(Agreement.owner_id.in_(reader.actor.subtree), Agreement.requester_id.in_(reader.actor.subtree))
    count = reader.session.scalar(select(func.count()).select_from(Agreement).where(own, waiting)) or 0
    rows = list(
        reader.session.scalars(select(Agreement).where(own, waiting).order_by(Agreement.held_until, Agreement.id).limit(SHOWN))
    )
    shown = tuple(
        HomeRow(
            row.title,
            subject_url("agreement", row.ref),
            f"{row.owner.in_(reader.actor.locale)} ↔ {row.requester.in_(reader.actor.locale)}",
            row.held_until.date() if row.held_until else None,
        )
        for row in agreement_rows(reader, rows)
    )
    return HomeCard(title, count, empty, shown, page_url("agreements.index"), order)


CARDS = [to_sign, to_submit]
