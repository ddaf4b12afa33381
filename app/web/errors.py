"""One table from error to response: problem+json (RFC 9457) for programs, a designed page for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.kernel.errors import DomainError, Problem, declare, fail
from app.web.fieldwords import both
from app.web.i18n import current_locale
from app.web.policy import wants_page

log = structlog.get_logger()
declare(
    "csrf",
    HTTPStatus.BAD_REQUEST,
    "This form is too old. Reload the page and send it again.",
    "表单已过期，请刷新页面后重新提交。",
)
HTTP_CODES = {
    400: "malformed",
    401: "sign_in_required",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "malformed",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}
MOST_PLACES = 100  # that an answer names; what more is wrong is counted
declare("method_not_allowed", HTTPStatus.METHOD_NOT_ALLOWED, "This address does not take that method.", "该地址不支持此方法。")


def problem_document(error: DomainError) -> dict[str, Any]:
    """The RFC 9457 body of an error in the language asked for."""
    locale = current_locale()
    return {
        "type": f"/errors/{error.code}",
        "code": error.code,
        "title": error.type.title.in_(locale) if not error.values else error.text.in_(locale),
        "status": int(error.type.status),
        "detail": error.text.in_(locale),
        "instance": request.path,
        "request_id": g.get("request_id", ""),
        "errors": [_place(problem, locale) for problem in error.problems[:MOST_PLACES]],
        "more_errors": max(len(error.problems) - MOST_PLACES, 0),
    }


def _place(problem: Problem, locale: str) -> dict[str, Any]:
    found = {
        "pointer": problem.pointer,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "detail": problem.detail.in_(locale),
    }
    return {name: value for name, value in found.items() if value is not None}


def respond(error: DomainError) -> Response:
    status = int(error.type.status)
    if wants_page():
        page = render_template("errors/page.html", error=error, status=status, problem=problem_document(error))
        return make_response(page, status)
    response = make_response(jsonify(problem_document(error)), status)
    response.mimetype = "application/problem+json"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="infrashare", Basic realm="infrashare"'
    return response


def init(app: Flask) -> None:
    app.register_error_handler(DomainError, respond)
    app.register_error_handler(CSRFError, lambda error: respond(fail("csrf")))
    app.register_error_handler(RateLimitExceeded, lambda error: respond(fail("too_many_requests")))
    app.register_error_handler(StaleDataError, lambda error: respond(fail("stale_version")))
    app.register_error_handler(IntegrityError, _integrity)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(ValidationError, _unreadable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _integrity(error: IntegrityError) -> Response:
    """The guarantee spoke where a rule should have: the change is refused, and we are told."""
    log.error("integrity", error=str(error.orig), request_id=g.get("request_id", ""), path=request.path)
    return respond(fail("conflict"))


def _unstorable(error: DataError | OverflowError) -> Response:
    """A value that the database cannot hold came past the rules (a number of 30 digits, a zero byte): refused, and we are
    told."""
    log.error("unstorable", error=str(error), request_id=g.get("request_id", ""), path=request.path)
    return respond(fail("invalid"))


def _unreadable(error: ValidationError) -> Response:
    """A query string of a page that its schema refuses: the same answer as the API gives."""
    return respond(DomainError("invalid", {}, _places({"query": error.messages})))


def _http(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return make_response(error.get_response())
    code = HTTP_CODES.get(error.code or 500, "internal")
    values = {"limit_mb": (request.max_content_length or 0) // 2**20} if code == "too_large" else {}
    return respond(DomainError(code, dict(values), _marshmallow(error)))


def _marshmallow(error: HTTPException) -> tuple[Problem, ...]:
    """webargs' messages as problems with a JSON pointer."""
    return _places(getattr(error, "data", {}).get("messages", {}) if hasattr(error, "data") else {})


def _places(messages: Any) -> tuple[Problem, ...]:
    """marshmallow's messages by part of the request, as problems with a JSON pointer."""
    found: list[Problem] = []

    def walk(node: Any, pointer: str) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(value, f"{pointer}/{key}")
        elif isinstance(node, list):
            found.extend(Problem("invalid", both(item), pointer=pointer) for item in node if isinstance(item, str))

    for part in messages.values() if isinstance(messages, dict) else ():
        walk(part, "")
    return tuple(found)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected", request_id=g.get("request_id", ""), path=request.path)
    return respond(fail("internal"))
