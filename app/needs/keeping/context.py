"""What the keeping of lists brings to every page: the page of a merge, and whether the reader's organisation is invited to a list."""

from __future__ import annotations

from flask import Flask

from app.needs.keeping.queries import own_invitation
from app.web.execute import ask
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    subject_page("need_merge", "needs_keeping.show_merge")
    app.jinja_env.globals["invitation_to"] = lambda ref: ask(own_invitation, ref)
