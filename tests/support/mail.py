"""What went to the mail outbox."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.db.work import Bus
from app.notices.models import Mail


def mails(bus: Bus, recipient: str) -> list[str]:
    """The bodies of the mails to one address, oldest first."""
    with bus.database.read() as session:
        return list(session.scalars(select(Mail.body).where(Mail.recipient == recipient).order_by(Mail.id)))


def link_in(body: str) -> str:
    """The path of the one link of a mail."""
    found = set(re.findall(r"https?://[^/\s]+(/\S+)", body))
    assert len(found) == 1, body
    return str(found.pop())
