"""/api/v1: the PDF of a version, and /api/v1/verify for everybody."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.agreements.verifying.edge import PER_SENDER, uploaded
from app.agreements.verifying.queries import Verdict, agreement_print, verify_file, verify_hash
from app.needs import ROUND, PaperVerdict
from app.web.execute import ask
from app.web.formatting import current_locale
from app.web.limits import limiter
from app.web.papers import LanguageQuery, as_file, base_url
from app.web.policy import policy
from app.web.shapes import BYTES, DAY, FLAG, HASH, MOMENT, TEXT, WHOLE, answers, choice, maybe, named, record

blueprint = Blueprint("verifying_api", __name__, url_prefix="/api/v1", description="Documents of agreements, and what is genuine")


VERDICT = named(
    "Verdict",
    record(
        hash=maybe(HASH),
        known=FLAG,
        file=maybe(choice("genuine", "altered")),
        number=maybe(WHOLE),
        is_current=maybe(FLAG),
        status=maybe(TEXT),
        made_at=maybe(MOMENT),
        signatures=maybe(WHOLE),
        needs_list=maybe(
            record(
                name=TEXT,
                name_zh=TEXT,
                administration=maybe(TEXT),
                region=TEXT,
                made_on=DAY,
                status=choice(*ROUND.states),
                status_now=choice(*ROUND.states),
            )
        ),
    ),
)


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "hash": verdict.hash,
        "known": verdict.known,
        "file": verdict.file,
        "number": verdict.number,
        "is_current": verdict.is_current,
        "status": verdict.status,
        "made_at": verdict.made_at.isoformat() if verdict.made_at else None,
        "signatures": verdict.signatures,
        "needs_list": _list_json(verdict.listed) if verdict.listed else None,
    }


def _list_json(listed: PaperVerdict) -> dict[str, Any]:
    return {
        "name": listed.name.en,
        "name_zh": listed.name.zh,
        "administration": listed.administration.name if listed.administration else None,
        "region": listed.region,
        "made_on": listed.made_on.isoformat(),
        "status": listed.status,
        "status_now": listed.status_now,
    }


@blueprint.get("/agreements/<ref>/versions/<int:number>/document")
@policy("agreement.view")
@answers(BYTES, media="application/pdf")
@blueprint.arguments(LanguageQuery, location="query")
def document(query: dict[str, Any], ref: str, number: int) -> Response:
    """The version as a PDF; the same bytes whenever it is asked for."""
    return as_file(ask(agreement_print, ref, number, query["lang"] or current_locale(), base_url()))


@blueprint.get("/verify/<digest>")
@policy("agreement.verify")
@answers(VERDICT)
def verify(digest: str) -> Response:
    """Whether the hash is of a version or of a printed needs list here, and where that stands; never its content."""
    return jsonify(verdict_json(ask(verify_hash, digest)))


@blueprint.post("/verify")
@limiter.limit(PER_SENDER)
@policy("agreement.verify")
@answers(VERDICT)
def verify_upload() -> Response:
    """The same of a file, sent as `file` (multipart/form-data): genuine when it is byte for byte what the register prints."""
    return jsonify(verdict_json(ask(verify_file, uploaded(), base_url())))
