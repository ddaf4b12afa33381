"""What the register brings to every page: its word in the top bar, documents on assets."""

from __future__ import annotations

from flask import Flask

from app.assets import documents
from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    documents.init()
    add_links(app, NavLink("assets.index", Text("Assets", "设施台账"), "assets", order=25, visible=signed_in, menu="register"))
