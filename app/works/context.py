"""What works bring to every page: their word in the top bar, the page of a project for links."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    subject_page("works", "works.show")
    add_links(app, NavLink("works.index", Text("Works", "工程"), "works", order=37, visible=signed_in, menu="together"))
