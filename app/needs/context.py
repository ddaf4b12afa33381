"""What needs bring to every page: their word in the top bar, whether the reader may ask, documents on an entry, the page of a
subject."""

from __future__ import annotations

from flask import Flask

from app.kernel.permission import Subject
from app.kernel.text import Text
from app.needs import documents
from app.web.execute import current_actor
from app.web.policy import may
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    def may_ask() -> bool:
        return may("need.create", Subject(requester_id=current_actor().organisation_id))

    documents.init()
    app.jinja_env.globals["may_ask"] = may_ask
    subject_page("need", "matching.need")
    subject_page("needs_list", "needs.show_list")
    add_links(app, NavLink("needs.index", Text("Needs", "需求"), "needs", order=30, visible=signed_in))
