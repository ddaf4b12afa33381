"""What needs bring to every page: their words in the top bar. Importing the round pages puts them on the blueprint."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.needs import documents
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    documents.init()
    add_links(app, NavLink("needs.index", Text("Needs", "需求"), "needs", order=30, visible=signed_in))
