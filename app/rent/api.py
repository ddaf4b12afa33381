"""/api/v1/agreements/{id}/rent and /api/v1/statements."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint

from app.rent.paper import statement_paper
from app.rent.queries import rent_of, statement
from app.rent.schemas import ISSUED, RENT, STATEMENT, IssueIn, rent_json, statement_json
from app.rent.service import Issued, IssueStatement, issue_statement
from app.web.etag import expected_version, tagged
from app.web.execute import ask
from app.web.i18n import current_locale
from app.web.idempotency import execute_once
from app.web.papers import LanguageQuery, as_file, base_url
from app.web.policy import policy
from app.web.shapes import BYTES, answers

blueprint = Blueprint("rent_api", __name__, url_prefix="/api/v1", description="Rent by formula, statements")


@blueprint.get("/agreements/<ref>/rent")
@policy("rent.view")
@answers(RENT)
def show(ref: str) -> Response:
    view = ask(rent_of, ref)
    return tagged(jsonify(rent_json(view)), view.version)


@blueprint.post("/agreements/<ref>/statements")
@policy("rent.bill")
@answers(ISSUED, 201)
@blueprint.arguments(IssueIn)
def issue(body: dict[str, Any], ref: str) -> Response:
    def created(made: Issued) -> Response:
        response = jsonify({"statements": list(made.refs), "version": made.version})
        response.status_code = 201
        return tagged(response, made.version)

    return execute_once(issue_statement, IssueStatement(ref, body["until"], expected_version()), created)


@blueprint.get("/statements/<ref>")
@policy("rent.view")
@answers(STATEMENT)
def show_statement(ref: str) -> Response:
    return jsonify(statement_json(ask(statement, ref)))


@blueprint.get("/statements/<ref>/document")
@policy("rent.view")
@answers(BYTES, media="application/pdf")
@blueprint.arguments(LanguageQuery, location="query")
def document(query: dict[str, Any], ref: str) -> Response:
    """The statement as a PDF; the same bytes whenever it is asked for."""
    return as_file(ask(statement_paper, ref, query["lang"] or current_locale(), base_url()))
