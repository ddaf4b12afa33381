"""/api/v1/notices: the inbox of the organisation acted for."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields

from app.notices.queries import InboxFilter, NoticeView, inbox
from app.notices.service import mark_read
from app.web.execute import ask, execute
from app.web.formatting import current_locale
from app.web.inputs import code_field
from app.web.pagination import asked, listed
from app.web.policy import policy
from app.web.query import Paged
from app.web.shapes import FLAG, MOMENT, REF, TEXT, answers, named, page, record

blueprint = Blueprint("notices_api", __name__, url_prefix="/api/v1", description="What an organisation is told")


class InboxQuery(Paged):
    unread = fields.Boolean(load_default=False)
    kind = code_field(load_default="", metadata={"description": "a type of subject, such as access_request"})


NOTICE = named(
    "Notice",
    record(id=REF, code=TEXT, text=TEXT, subject_type=TEXT, subject=TEXT, created_at=MOMENT, read=FLAG),
)


def notice_json(notice: NoticeView) -> dict[str, Any]:
    return {
        "id": notice.ref,
        "code": notice.code,
        "text": notice.text.in_(current_locale()),
        "subject_type": notice.subject_type,
        "subject": notice.subject_ref,
        "created_at": notice.created_at.isoformat(),
        "read": notice.is_read,
    }


@blueprint.get("/notices")
@policy("notice.list")
@answers(page(NOTICE))
@blueprint.arguments(InboxQuery, location="query")
def notices(query: dict[str, Any]) -> Response:
    """Newest first."""
    return listed(ask(inbox, InboxFilter(query["unread"], query["kind"]), asked()), notice_json)


@blueprint.post("/notices/<ref>/read")
@policy("notice.read")
@answers(None, 204)
def notice_read(ref: str) -> tuple[str, int]:
    """Mark as read; again changes nothing."""
    execute(mark_read, ref)
    return "", 204
