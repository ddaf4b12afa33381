"""/api/v1: the bundle of evidence of an agreement."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from app.approvals.evidence.pages import as_zip
from app.web.policy import policy
from app.web.shapes import BYTES, answers

blueprint = Blueprint("evidence_api", __name__, url_prefix="/api/v1", description="Evidence of agreements, which verifies itself")


@blueprint.get("/agreements/<ref>/evidence")
@policy("evidence.view")
@answers(BYTES, media="application/zip")
def download(ref: str) -> Response:
    """A zip: versions and PDFs, signatures, decisions, claims, records with proofs, the signed head, and `verify.py`."""
    return as_zip(ref)
