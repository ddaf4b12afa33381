"""The inbox of the organisation acted for: its notices, newest first, and how many are unread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select

from app.catalogue.actions import action_text
from app.db.paging import seek
from app.db.work import Reader
from app.kernel.text import Text
from app.notices.models import Notice
from app.notices.sentences import SENTENCES, sentence
from app.web.pagination import Ask, Page

_UNREAD = (
    select(func.count()).select_from(Notice).where(Notice.organisation_id == bindparam("organisation"), Notice.read_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class NoticeView:
    ref: str
    code: str
    text: Text
    about: Text
    tone: str
    subject_type: str
    subject_ref: str
    created_at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """`kind`: a subject type."""

    unread_only: bool = True
    kind: str = ""


def inbox(reader: Reader, wanted: InboxFilter, ask: Ask) -> Page[NoticeView]:
    """One page of the inbox. Who acts for no organisation has an empty one."""
    reader.permit("notice.list")
    statement = _wanted(reader, wanted)
    count = reader.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    key, back = ask.before or ask.after, ask.before is not None
    rows = list(reader.session.scalars(seek(statement, [(Notice.id, True)], key, ask.limit, reverse=back)))
    more, rows = len(rows) > ask.limit, rows[: ask.limit]
    rows = rows[::-1] if back else rows
    after = (rows[-1].id,) if rows and (more or back) else None
    before = (rows[0].id,) if rows and (ask.after is not None or (back and more)) else None
    return Page([notice_view(row) for row in rows], count, after, before)


def _wanted(reader: Reader, wanted: InboxFilter) -> Select[Notice]:
    statement = select(Notice).where(Notice.organisation_id == reader.actor.organisation_id)
    if wanted.unread_only:
        statement = statement.where(Notice.read_at.is_(None))
    return statement.where(Notice.subject_type == wanted.kind) if wanted.kind else statement


def notice_view(row: Notice) -> NoticeView:
    known = SENTENCES.get(row.code)
    return NoticeView(
        row.ref,
        row.code,
        sentence(row.code, row.values),
        action_text(row.code),
        known.tone if known else "out",
        row.subject_type,
        row.subject_ref,
        row.created_at,
        row.read_at is not None,
    )


def unread_count(reader: Reader) -> int:
    """For the badge of the top bar."""
    if reader.actor.organisation_id is None:
        return 0
    return reader.session.scalar(_UNREAD, {"organisation": reader.actor.organisation_id}) or 0


def inbox_kinds(reader: Reader) -> list[str]:
    """The subject types that the inbox has notices of."""
    reader.permit("notice.list")
    statement = select(Notice.subject_type).where(Notice.organisation_id == reader.actor.organisation_id).distinct()
    return sorted(reader.session.scalars(statement))
