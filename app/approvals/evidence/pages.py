"""The bundle as a download of a page."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from app.approvals.evidence.bundling import bundle
from app.web.execute import bus, current_actor
from app.web.policy import policy

blueprint = Blueprint("evidence", __name__)


def as_zip(ref: str) -> Response:
    response = Response(bundle(bus(), current_actor(), ref, current_app.config["SETTINGS"]), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{ref}.zip"'
    return response


@blueprint.get("/agreements/<ref>/evidence.zip")
@policy("evidence.view")
def download(ref: str) -> Response:
    return as_zip(ref)
