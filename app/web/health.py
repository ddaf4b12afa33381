"""/healthz: the process answers; /readyz: the database does too, at the newest migration."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from app.web.execute import bus
from app.web.policy import policy

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@policy("site.view")
def alive() -> Response:
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@policy("site.view")
def ready() -> tuple[Response, int]:
    with bus().database.read() as session:
        revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    return jsonify({"status": "ok" if revision else "no schema", "revision": revision}), 200 if revision else 503
