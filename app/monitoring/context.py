"""What boards bring to every page: their word in the top bar."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    def counted() -> bool:
        actor = current_actor()
        return not actor.is_anonymous and (actor.organisation_id is not None or actor.is_evaluator)

    add_links(app, NavLink("boards.index", Text("Figures", "看板"), "boards", order=70, visible=counted))
