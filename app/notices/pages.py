"""The inbox: what the organisation is told, unread first."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.catalogue.actions import thing_text
from app.notices.queries import InboxFilter, inbox, inbox_kinds, unread_count
from app.notices.service import mark_all_read, mark_read
from app.web.execute import ask, execute
from app.web.formatting import text
from app.web.pagination import asked, links
from app.web.policy import policy
from app.web.subjects import subject_url

blueprint = Blueprint("notices", __name__)
PAGE_SIZE = 30


@blueprint.get("/inbox")
@policy("notice.list")
def inbox_page() -> str:
    wanted = InboxFilter(request.args.get("show") != "all", request.args.get("kind", ""))
    page = ask(inbox, wanted, asked(PAGE_SIZE))
    following, previous = links(page)
    return render_template(
        "notices/inbox.html",
        page=page,
        wanted=wanted,
        unread=ask(unread_count),
        following=following,
        previous=previous,
        kinds=[(kind, text(thing_text(kind))) for kind in ask(inbox_kinds)],
    )


@blueprint.get("/inbox/<ref>")
@policy("notice.read")
def notice_open(ref: str) -> Response:
    """Mark as read and go to what it is about. A GET: opening is reading, and nothing but the inbox changes."""
    seen = execute(mark_read, ref)
    return redirect(subject_url(seen.subject_type, seen.subject_ref) or url_for("notices.inbox_page"))


@blueprint.post("/inbox")
@policy("notice.read")
def all_read() -> Response:
    execute(mark_all_read, None)
    return redirect(url_for("notices.inbox_page"), 303)
