"""The pages of an import: upload, columns and problems, import, undo."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.assets import PROVENANCES
from app.catalogue.kinds import KINDS
from app.exchange import files
from app.exchange.api import sent_report
from app.exchange.columns import column_set
from app.exchange.decisions import Decisions
from app.exchange.fixing import Fix
from app.exchange.previewing import import_marks
from app.exchange.problems import fault_name
from app.exchange.queries import (
    ImportView,
    Narrowed,
    ProblemKinds,
    collecting_lists,
    import_detail,
    import_problems,
    list_imports,
    problem_kinds,
)
from app.exchange.running import begin_check
from app.exchange.service import (
    CommitImport,
    FixImport,
    MoveImport,
    SettleImport,
    StartImport,
    discard_import,
    fix_import,
    settle_import,
    start_import,
)
from app.exchange.taking_back import begin_undo
from app.exchange.targets import Subject
from app.exchange.writing import begin_commit, cancel
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.permission import Subject as Facts
from app.kernel.text import Text
from app.web.execute import ask, bus, current_actor, execute
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
blueprint.context_processor(lambda: {"left_words": left_words})
COMMON_CRS = ("EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09", "EPSG:3857")
LEAVE_OUT, PROPOSED = "-", ""
SHOWN_AS_FLASH = (
    "import_has_problems",
    "import_empty",
    "import_stale",
    "undo_blocked",
    "round_not_collecting",
    "stale_version",
    "import_running",
    "undo_running",
)


@blueprint.get("")
@policy("import.list")
def index() -> str:
    paging = asked(50)
    found = ask(list_imports, after=paging.after, limit=paging.limit)
    following, previous = links(Page(found.rows, found.count, found.after))
    return render_template("exchange/list.html", found=found, following=following, previous=previous)


@blueprint.get("/new")
@policy("import.start")
def new() -> str:
    subject = Subject.NEEDS if request.args.get("subject") == "needs" else Subject.LISTINGS
    return _form(subject, {"needs_list": request.args.get("needs_list", "")}, {})


@blueprint.post("/new")
@policy("import.start")
def upload() -> Response | tuple[str, int]:
    subject = Subject.NEEDS if typed("subject") == "needs" else Subject.LISTINGS
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise fail("invalid", [Problem("required", Text("Choose a file.", "请选择文件。"), pointer="/file")])
        kept = files.keep(sent.stream, sent.filename)
        decisions = Decisions(kind=typed("kind") or None, crs=typed("crs") or None)
        command = StartImport(subject, kept, decisions, typed("provenance") or "declared", typed("needs_list") or None)
        ref = execute(start_import, command)
    except DomainError as error:
        if error.code not in ("invalid", "needs_list_missing"):
            raise
        errors = field_errors(error) if error.code == "invalid" else {"needs_list": error.text.in_(current_locale())}
        return _form(subject, dict(request.form), errors), 422
    begin_check(bus(), current_actor(), ref)
    return _to(ref)


def _form(subject: Subject, values: dict[str, Any], errors: dict[str, str]) -> str:
    locale = current_locale()
    labels = {"file": _("File"), "kind": _("Kind of asset"), "crs": _("Coordinate system"), "needs_list": _("Needs list")}
    return render_template(
        "exchange/new.html",
        subject=subject,
        values=values,
        errors=errors,
        labels=labels,
        common_crs=COMMON_CRS,
        kinds=[(kind.name, kind.plural.in_(locale)) for kind in KINDS.all()],
        provenances=[(c, t.in_(locale)) for c, t in PROVENANCES.items()],
        lists=[(found.ref, found.name.in_(locale)) for found in ask(collecting_lists)] if subject is Subject.NEEDS else [],
    )


@blueprint.get("/<ref>")
@policy("import.view")
def show(ref: str) -> str:
    view = ask(import_detail, ref)
    tab = request.args.get("tab") or ("problems" if view.status == "failed" else "rows")
    paging = asked(50)
    narrowed = Narrowed(*(request.args.get(name) or None for name in ("code", "sheet", "column")))
    found = ask(import_problems, ref, after=paging.after, before=paging.before, limit=paging.limit, narrowed=narrowed)
    following, previous = links(Page(found.rows, found.count, found.after, found.before))
    return render_template(
        "exchange/import.html",
        view=view,
        problems=found,
        following=following,
        previous=previous,
        tab=tab,
        pairs=list(zip(found.rows, found.cells, strict=True)),
        narrowed=narrowed,
        sorts=_sorts(ask(problem_kinds, ref)) if tab == "problems" else None,
        marks=ask(import_marks, ref) if tab == "rows" and view.status == "checked" else [],
        targets=_targets(view),
        kind_options=_kind_options(),
        common_crs=COMMON_CRS,
        labels=_labels(view),
        facts=_facts(view),
    )


def _sorts(kinds: ProblemKinds) -> dict[str, list[tuple[str, str]]]:
    """What the problems can be narrowed to, each with how many there are."""
    locale = current_locale()

    def named(code: str) -> str:
        words = fault_name(code)
        return words.in_(locale) if words else code.replace("_", " ")

    return {
        "code": [(code, f"{named(code)} ({count})") for code, count in kinds.codes.items()],
        "sheet": [(sheet, f"{sheet} ({count})") for sheet, count in kinds.sheets.items()],
        "column": [(column, f"{column} ({count})") for column, count in kinds.columns.items()],
    }


def left_words(seconds: int | None, status: str) -> str:
    """How long a job still takes, as a person says it."""
    leave = {
        "importing": _("You may leave this page; the import goes on."),
        "undoing": _("You may leave this page; the undo goes on."),
    }.get(status, _("You may leave this page; the check goes on."))
    if seconds is None:
        return str(leave)
    minutes = round(seconds / 60)
    if minutes < 1:
        left = _("Less than a minute left.")
    else:
        left = ngettext("About %(num)d minute left.", "About %(num)d minutes left.", minutes)
    return f"{left} {leave}"


def _kind_options() -> list[tuple[str, str]]:
    return [(kind.name, kind.plural.in_(current_locale())) for kind in KINDS.all()]


def _facts(view: ImportView) -> Facts:
    """For `may` in the template."""
    return Facts(owner_id=view.organisation.id if view.organisation else None, status=view.status)


def _labels(view: ImportView) -> dict[str, str]:
    columns = column_set(view.subject, KINDS.all())
    return {name: target.label.in_(current_locale()) for name, target in columns.targets.items()}


def _targets(view: ImportView) -> list[tuple[str, str]]:
    """The columns that a header may fill, general ones first."""
    chosen = view.decisions.kind
    kinds = [KINDS[chosen]] if chosen is not None and chosen in KINDS else list(KINDS.all())
    return [(name, target.label.in_(current_locale())) for name, target in column_set(view.subject, kinds).targets.items()]


@blueprint.get("/<ref>/progress")
@policy("import.view")
def progress(ref: str) -> Response | str:
    """The fragment that the page reads until the check is over; then the whole page is read again."""
    view = ask(import_detail, ref)
    if view.is_running:
        return render_template("exchange/progress.html", view=view)
    done = Response("")
    done.headers["HX-Redirect"] = url_for("imports.show", ref=ref)
    return done


@blueprint.post("/<ref>/cancel")
@policy("import.check")
def stop(ref: str) -> Response:
    importing = ask(import_detail, ref).status == "importing"
    execute(cancel, ref)
    flash(_("The import stops. Nothing of it stays.") if importing else _("The check stops at its next step."), "info")
    return _to(ref)


@blueprint.post("/<ref>/check")
@policy("import.check")
def check(ref: str) -> Response:
    begin_check(bus(), current_actor(), ref)
    return _to(ref)


@blueprint.post("/<ref>/organisations")
@policy("import.settle")
def make_organisations(ref: str) -> Response:
    """Decide that the organisations which nobody knows are to be made, and check again."""
    execute(settle_import, SettleImport(ref, None, {"new_organisations": True}))
    begin_check(bus(), current_actor(), ref)
    return _to(ref)


@blueprint.post("/<ref>/settle")
@policy("import.settle")
def settle(ref: str) -> Response:
    """What a person chose for each column, the system, the kind and the defaults; then the check runs again."""
    view = ask(import_detail, ref)
    seen = int(typed("version")) if typed("version").isdigit() else None
    try:
        execute(settle_import, SettleImport(ref, seen, _settled(view)))
    except DomainError as error:
        return _flashed(error, ref)
    begin_check(bus(), current_actor(), ref)
    return _to(ref)


def _settled(view: ImportView) -> dict[str, Any]:
    header_rows = _header_rows()
    columns, carried = _chosen(view, header_rows)
    defaults = {
        name: value.strip()
        for name, value in zip(request.form.getlist("default"), request.form.getlist("default_value"), strict=False)
        if name and value.strip()
    }
    return {
        "header_rows": header_rows,
        "columns": columns,
        "carried": carried,
        "defaults": defaults,
        "crs": typed("crs") or None,
        "kind": typed("kind") or None,
        "encoding": typed("encoding") or None,
        "opens": bool(typed("opens")),
        "new_organisations": bool(typed("new_organisations")),
    }


def _header_rows() -> dict[str, int]:
    """By sheet, the row that a person chose as its header."""
    pairs = [(sheet, typed(f"header_row.{n}")) for n, sheet in enumerate(request.form.getlist("header_sheet"), 1)]
    return {sheet: int(row) for sheet, row in pairs if row.isdecimal() and len(row) < 8 and int(row)}


def _chosen(view: ImportView, header_rows: dict[str, int]) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """What each header fills, and which of them were chosen for under a header that is another row now: those stand only where the
    new header has the same name. What was merely proposed there is proposed anew."""
    before, found = view.decisions, view.findings.get("columns", {})
    moved = {sheet for sheet in found if header_rows.get(sheet) != before.header_rows.get(sheet)}
    proposed = {column["label"]: column["target"] or LEAVE_OUT for sheet in moved for column in found[sheet]}
    stays = {column["label"] for sheet in found if sheet not in moved for column in found[sheet]}
    columns = {label: target for label, target in before.columns.items() if label in stays or label not in before.carried}
    for label, chosen in zip(request.form.getlist("header"), request.form.getlist("target"), strict=False):
        untouched = label not in stays and label not in columns and proposed.get(label) == chosen
        if chosen == PROPOSED or untouched:
            columns.pop(label, None)
        else:
            columns[label] = None if chosen == LEAVE_OUT else chosen
    return columns, tuple(label for label in columns if label in proposed and label not in stays)


@blueprint.post("/<ref>/fix")
@policy("import.settle")
def fix(ref: str) -> Response:
    """Cells that a person corrected in the table of problems; then the check runs again."""
    ask(import_detail, ref)  # not_found for who may not know of it, whatever was sent
    names = ("fix_sheet", "fix_row", "fix_column", "fix_was", "fix_value")
    cells = zip(*(request.form.getlist(name) for name in names), strict=False)
    fixes = tuple(
        Fix(sheet, int(row), column, value.strip())
        for sheet, row, column, was, value in cells
        if value.strip() != was and row.isdigit()
    )
    gone = tuple(_place(words) for words in request.form.getlist("gone"))
    if not fixes and not gone:
        flash(_("No cell was changed."), "info")
        return _to(ref, tab="problems")
    try:
        execute(fix_import, FixImport(ref, fixes, gone))
    except DomainError as error:
        if error.code != "invalid":
            raise
        flash(" ".join(problem.detail.in_(current_locale()) for problem in error.problems), "bad")
        return _to(ref, tab="problems")
    view = begin_check(bus(), current_actor(), ref)
    if view.status == "checked":
        flash(ngettext("%(num)d problem is left.", "%(num)d problems are left.", view.problem_count), "ok")
    return _to(ref, tab="problems")


def _place(words: str) -> tuple[str, int, str]:
    try:
        sheet, row, column = json.loads(words)
        return str(sheet), int(row), str(column)
    except ValueError:
        raise fail("malformed") from None


@blueprint.post("/<ref>/commit")
@policy("import.commit")
def commit(ref: str) -> Response:
    try:
        count = execute(begin_commit, CommitImport(ref, rows=typed("rows") or "all"))
    except DomainError as error:
        return _flashed(error, ref)
    if count is not None:
        flash(ngettext("%(num)d row is imported.", "%(num)d rows are imported.", count), "ok")
    return _to(ref)


@blueprint.post("/<ref>/undo")
@policy("import.undo")
def undo(ref: str) -> Response:
    try:
        count = execute(begin_undo, MoveImport(ref))
    except DomainError as error:
        return _flashed(error, ref)
    if count is not None:
        flash(ngettext("%(num)d row is taken back.", "%(num)d rows are taken back.", count), "ok")
    return _to(ref)


@blueprint.post("/<ref>/discard")
@policy("import.discard")
def discard(ref: str) -> Response:
    execute(discard_import, MoveImport(ref))
    flash(_("The import is given up. Nothing of the file was written."), "ok")
    return redirect(url_for("imports.index"), 303)  # type: ignore[return-value]


@blueprint.get("/<ref>/report")
@policy("import.view")
def report(ref: str) -> Response:
    return sent_report(ref)


def _to(ref: str, tab: str | None = None) -> Response:
    return redirect(url_for("imports.show", ref=ref, tab=tab), 303)  # type: ignore[return-value]


def _flashed(error: DomainError, ref: str) -> Response:
    if error.code not in SHOWN_AS_FLASH:
        raise error
    flash(error.text.in_(current_locale()), "bad")
    return _to(ref)
