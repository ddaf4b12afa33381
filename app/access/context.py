"""What access brings to every page: its word in the top bar, the page of a request for links, documents on requests."""

from __future__ import annotations

from flask import Flask

from app.access.queries import attachable, documents_of
from app.attachments import register_subject
from app.kernel.text import Text
from app.web.execute import ask, current_actor
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    register_subject("access_request", attachable, view="access.view", attach="access.attach")
    subject_page("access_request", "access.show")
    app.jinja_env.globals["documents_of_survey"] = lambda ref: ask(documents_of, ref, "survey")
    add_links(app, NavLink("access.index", Text("Requests", "申请"), "requests", order=40, visible=signed_in))
