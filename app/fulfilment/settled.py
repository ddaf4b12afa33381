"""What finished make-ready costs a party, for its statements."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.fulfilment.models import MakeReadyItem


def settled_items(session: Session, agreement_id: int, party_id: int) -> list[tuple[int, str, str, int]]:
    """(number, title, currency, minor units that the party bears) of every item that is done."""
    rows = session.scalars(
        select(MakeReadyItem)
        .where(MakeReadyItem.agreement_id == agreement_id, MakeReadyItem.status == "done")
        .order_by(MakeReadyItem.number)
    )
    return [
        (row.number, row.title, row.currency, sum(share["minor"] for share in row.shares if share["payer"] == party_id))
        for row in rows
    ]
