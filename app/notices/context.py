"""The inbox of the top bar: how many notices are unread, and where they are."""

from __future__ import annotations

from flask import Flask, g, url_for

from app.notices.queries import unread_count
from app.web import shell
from app.web.execute import ask, current_actor


def init(app: Flask) -> None:
    shell.of(app).inbox = inbox


def inbox() -> shell.Inbox | None:
    """Counted once per request; nothing for who is signed out."""
    if current_actor().is_anonymous:
        return None
    if "notices_unread" not in g:
        g.notices_unread = ask(unread_count)
    return shell.Inbox(url_for("notices.inbox_page"), g.notices_unread)
