"""/api/v1/imports."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Response, jsonify, make_response, send_file, url_for
from flask_smorest import Blueprint

from app.exchange import files
from app.exchange.queries import ImportView, Narrowed, import_detail, import_problems, list_imports
from app.exchange.reporting import write_report
from app.exchange.running import begin_check
from app.exchange.schemas import (
    COLUMNS,
    COUNTED,
    IMPORT,
    PROBLEM_ROW,
    ColumnsQuery,
    CommitIn,
    DecisionsIn,
    FileIn,
    ImportIn,
    ProblemsQuery,
    changes_from,
    columns_json,
    decisions_from,
    import_json,
    uploaded,
)
from app.exchange.service import (
    CommitImport,
    MoveImport,
    SettleImport,
    StartImport,
    discard_import,
    settle_import,
    start_import,
)
from app.exchange.taking_back import begin_undo
from app.exchange.targets import Subject
from app.exchange.writing import begin_commit, cancel
from app.kernel.errors import Problem
from app.web.etag import expected_version, tagged
from app.web.execute import ask, bus, current_actor, execute
from app.web.i18n import current_locale
from app.web.idempotency import execute_once
from app.web.pagination import Page, asked, listed
from app.web.policy import policy
from app.web.query import Paged
from app.web.shapes import BYTES, MADE, answers, page

blueprint = Blueprint(
    "imports_api", __name__, url_prefix="/api/v1/imports", description="Files in: dry run, problems by row, commit, undo"
)
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
@policy("import.list")
@answers(page(IMPORT))
@blueprint.arguments(Paged, location="query")
def list_all(query: dict[str, Any]) -> Response:
    """Your organisation's imports, newest first."""
    paging = asked()
    found = ask(list_imports, after=paging.after, limit=paging.limit)
    return listed(Page(found.rows, found.count, found.after), import_json)


@blueprint.get("/columns")
@policy("import.list")
@answers(COLUMNS)
@blueprint.arguments(ColumnsQuery, location="query")
def columns(query: dict[str, Any]) -> Response:
    """The columns that a file can fill, with the headers by which they are known."""
    return jsonify({"results": columns_json(query["subject"], query.get("kind"))})


@blueprint.post("")
@policy("import.start")
@answers(IMPORT, 201)
@blueprint.arguments(ImportIn, location="form")
@blueprint.arguments(FileIn, location="files")
def start(body: dict[str, Any], sent: dict[str, Any]) -> Response:
    """Upload a file. With `check` (the default) it is checked at once, or, when it is large, by a job: follow the answer's
    `status`."""
    upload = uploaded(sent)
    kept = files.keep(upload.stream, upload.filename or "file")
    command = StartImport(Subject(body["subject"]), kept, decisions_from(body), body["provenance"], body["needs_list"])
    response = execute_once(start_import, command, lambda ref: jsonify({"id": ref}))
    if "Idempotency-Replayed" in response.headers or not body["check"]:
        return _stands(ask(import_detail, response.get_json()["id"]), 201)
    return _stands(begin_check(bus(), current_actor(), response.get_json()["id"]), 201)


@blueprint.get("/<ref>")
@policy("import.view")
@answers(IMPORT)
def show(ref: str) -> Response:
    return _stands(ask(import_detail, ref))


@blueprint.patch("/<ref>")
@policy("import.settle")
@answers(IMPORT)
@blueprint.arguments(DecisionsIn)
def settle(body: dict[str, Any], ref: str) -> Response:
    """Change what was decided (needs If-Match); then check again."""
    execute(settle_import, SettleImport(ref, expected_version(), changes_from(body)))
    return _stands(ask(import_detail, ref))


@blueprint.post("/<ref>/check")
@policy("import.check")
@answers(IMPORT, 200, 202)
def check(ref: str) -> Response:
    """The dry run: every problem at once, by sheet, row and column. Nothing is written to the register."""
    view = begin_check(bus(), current_actor(), ref)
    return _stands(view, 202 if view.status == "checking" else 200)


@blueprint.post("/<ref>/cancel")
@policy("import.check")
@answers(IMPORT, 202)
def stop(ref: str) -> Response:
    """Stop a check or a commit that runs as a job; it can be asked for again. Nothing of a commit that is stopped stays."""
    execute(cancel, ref)
    return _stands(ask(import_detail, ref), 202)


@blueprint.get("/<ref>/problems")
@policy("import.view")
@answers(page(PROBLEM_ROW))
@blueprint.arguments(ProblemsQuery, location="query")
def problems(query: dict[str, Any], ref: str) -> Response:
    """What is wrong with the file, in its order, with what each cell holds; of one kind, sheet or column where one is named."""
    paging = asked(100)
    narrowed = Narrowed(query.get("code"), query.get("sheet"), query.get("column"))
    found = ask(import_problems, ref, after=paging.after, before=paging.before, limit=paging.limit, narrowed=narrowed)
    rows = list(zip(found.rows, found.cells, strict=True))
    return listed(Page(rows, found.count, found.after, found.before), _problem_json)


@blueprint.get("/<ref>/report")
@policy("import.view")
@answers(BYTES, media=SPREADSHEET)
def report(ref: str) -> Response:
    """The file back as a workbook, every problem beside its cell."""
    return sent_report(ref)


@blueprint.post("/<ref>/commit")
@policy("import.commit")
@answers(COUNTED, 200, 202)
@blueprint.arguments(CommitIn)
def commit(body: dict[str, Any], ref: str) -> Response:
    """Write all rows, or only the sound ones; needs If-Match. A large import is written by a job (202): read the import until it is
    committed. Until then nobody else sees any of it; asked again after an interruption, it goes on where it was."""
    return execute_once(begin_commit, CommitImport(ref, expected_version(), body["rows"]), lambda count: _begun(ref, count))


@blueprint.post("/<ref>/undo")
@policy("import.undo")
@answers(COUNTED, 200, 202)
def undo(ref: str) -> Response:
    """Take the whole import back; needs If-Match. Refused, with names, when something stands on any of its rows. A large import is
    withdrawn at once and deleted by a job (202): read the import until it is undone. Asked again after an interruption, it goes
    on where it was."""
    return execute_once(begin_undo, MoveImport(ref, expected_version()), lambda count: _begun(ref, count))


@blueprint.post("/<ref>/discard")
@policy("import.discard")
@answers(MADE)
def discard(ref: str) -> Response:
    """Give up an import that was not committed; needs If-Match."""
    return execute_once(discard_import, MoveImport(ref, expected_version()), lambda _: jsonify({"id": ref}))


def sent_report(ref: str) -> Response:
    """The annotated workbook as a download."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.xlsx"
        view = write_report(bus(), current_actor(), ref, target, current_locale())
        content = io.BytesIO(target.read_bytes())
    stem = Path(view.filename).stem or "import"
    return send_file(content, SPREADSHEET, as_attachment=True, download_name=f"{stem}-checked.xlsx")


def _begun(ref: str, count: int | None) -> Response:
    """How many rows at once, or that a job has begun."""
    return make_response(jsonify({"id": ref, "rows": count or 0}), 202 if count is None else 200)


def _stands(view: ImportView, status: int = 200) -> Response:
    response = tagged(jsonify(import_json(view)), view.version)
    response.status_code = status
    if status in (201, 202):
        response.headers["Location"] = url_for("imports_api.show", ref=view.ref)
    return response


def _problem_json(row: tuple[Problem, Mapping[str, str]]) -> dict[str, Any]:
    problem, cells = row
    found = {
        "cells": dict(cells) or None,
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "detail": problem.detail.in_(current_locale()),
    }
    return {name: value for name, value in found.items() if value is not None}
