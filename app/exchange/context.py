"""What imports bring to every page: their word in the top bar."""

from __future__ import annotations

from flask import Flask

from app.exchange.rules import STATUSES
from app.kernel.permission import REGISTRY
from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    def may_import() -> bool:
        actor = current_actor()
        return actor.is_administrator or bool(actor.roles & REGISTRY["import.start"].roles)

    app.jinja_env.globals["import_statuses"] = STATUSES
    add_links(app, NavLink("imports.index", Text("Import", "导入"), "imports", order=60, visible=may_import, menu="register"))
