"""What routes bring to every page: their word in the top bar."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    add_links(app, NavLink("routes.index", Text("Routes", "路由"), "routes", order=35, visible=signed_in, menu="together"))
