"""What waits for the reader after the entry into force."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from app.agreements import Agreement, agreement_rows
from app.db.work import Reader
from app.fulfilment.models import Ending, Installation, MakeReadyItem
from app.kernel.permission import WRITERS
from app.kernel.text import Text
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.subjects import subject_url


def to_answer(reader: Reader) -> HomeCard | None:
    """Installations to accept, ends to answer, removals to confirm: what the other party did."""
    mine = reader.actor.subtree
    other = or_(
        exists(
            select(Installation.id).where(
                Installation.agreement_id == Agreement.id, Installation.status == "waiting", Installation.recorded_by.not_in(mine)
            )
        ),
        exists(
            select(Ending.id).where(
                Ending.agreement_id == Agreement.id,
                or_(
                    and_(Ending.status == "proposed", Ending.proposed_by.not_in(mine)),
                    and_(Ending.status == "agreed", Ending.removal_by.is_not(None), Ending.removal_by.not_in(mine)),
                ),
            )
        ),
    )
    return _card(
        reader,
        other,
        Text("Installations, ends and removals to answer", "待验收、待答复终止、待确认拆除"),
        Text("Nothing that was built or ended waits for you.", "暂无待您答复的安装或终止事项。"),
        60,
    )


def to_make_ready(reader: Reader) -> HomeCard | None:
    """Make-ready of the reader's own assets that is not finished."""
    still = exists(select(MakeReadyItem.id).where(MakeReadyItem.agreement_id == Agreement.id, MakeReadyItem.status == "open"))
    return _card(
        reader,
        and_(still, Agreement.owner_id.in_(reader.actor.subtree)),
        Text("Make-ready to finish", "待完成的施工准备"),
        Text("No make-ready is open.", "暂无未完成的施工准备。"),
        65,
    )


def _card(reader: Reader, waiting: ColumnElement[bool], title: Text, empty: Text, order: int) -> HomeCard | None:
    if not reader.actor.roles & WRITERS:
        return None
    own = or_(Agreement.owner_id.in_(reader.actor.subtree), Agreement.requester_id.in_(reader.actor.subtree))
    count = reader.session.scalar(select(func.count()).select_from(Agreement).where(own, waiting)) or 0
    rows = list(reader.session.scalars(select(Agreement).where(own, waiting).order_by(Agreement.id).limit(SHOWN)))
    shown = tuple(
        HomeRow(
            row.title,
            subject_url("fulfilment", row.ref),
            f"{row.owner.in_(reader.actor.locale)} ↔ {row.requester.in_(reader.actor.locale)}",
            _due(reader, row.ref),
        )
        for row in agreement_rows(reader, rows)
    )
    return HomeCard(title, count, empty, shown, page_url("agreements.index"), order)


def _due(reader: Reader, ref: str) -> date | None:
    """The first day on which an open item is due."""
    return reader.session.scalar(
        select(func.min(MakeReadyItem.due_on))
        .join(Agreement, Agreement.id == MakeReadyItem.agreement_id)
        .where(Agreement.ref == ref, MakeReadyItem.status == "open")
    )


CARDS = [to_answer, to_make_ready]
