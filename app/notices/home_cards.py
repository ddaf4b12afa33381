"""Home: the newest unread notices."""

from __future__ import annotations

from app.db.work import Reader
from app.kernel.text import Text
from app.notices.queries import InboxFilter, inbox
from app.web.cards import SHOWN, HomeCard, HomeRow, page_url
from app.web.formatting import moment, text
from app.web.pagination import Ask


def unread(reader: Reader) -> HomeCard | None:
    if reader.actor.organisation_id is None:
        return None
    found = inbox(reader, InboxFilter(), Ask(SHOWN))
    rows = tuple(
        HomeRow(
            notice.text, page_url("notices.notice_open", ref=notice.ref), f"{text(notice.about)} · {moment(notice.created_at)}"
        )
        for notice in found.results
    )
    return HomeCard(
        Text("Notices", "通知"),
        found.count,
        Text("Nothing new.", "没有新通知。"),
        rows,
        page_url("notices.inbox_page"),
        90,
        waits=False,
    )


CARDS = [unread]
