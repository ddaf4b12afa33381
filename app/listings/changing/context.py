"""What bulk changes bring to pages that are not their own: whether the list of listings offers them."""

from __future__ import annotations

from flask import Flask

from app.kernel.permission import REGISTRY
from app.web.execute import current_actor


def init(app: Flask) -> None:
    def may_change_many() -> bool:
        actor = current_actor()
        return actor.organisation_id is not None and bool(actor.roles & REGISTRY["bulk_change.start"].roles)

    app.jinja_env.globals["may_change_many"] = may_change_many
