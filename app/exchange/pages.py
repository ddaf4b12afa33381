"""The pages of an import: upload, columns and problems, import, undo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.assets import PROVENANCES
from app.catalogue.kinds import KINDS
from app.exchange import files
from app.exchange.api import sent_report
from app.exchange.checking import cancel_check
from app.exchange.columns import column_set
from app.exchange.decisions import Decisions
from app.exchange.queries import ImportView, collecting_lists, import_detail, import_problems, list_imports
from app.exchange.running import begin_check
from app.exchange.service import (
    CommitImport,
    MoveImport,
    SettleImport,
    StartImport,
    commit_import,
    discard_import,
    settle_import,
    start_import,
    undo_import,
)
from app.exchange.targets import Subject
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.permission import Subject as Facts
from app.kernel.text import Text
from app.web.execute import ask, bus, current_actor, execute
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
COMMON_CRS = ("EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09", "EPSG:3857")
LEAVE_OUT, PROPOSED = "-", ""
SHOWN_AS_FLASH = ("import_has_problems", "import_empty", "import_stale", "undo_blocked", "round_not_collecting", "stale_version")


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
    paging = asked(100)
    found = ask(import_problems, ref, after=paging.after, before=paging.before, limit=paging.limit)
    following, previous = links(Page(found.rows, found.count, found.after, found.before))
    return render_template(
        "exchange/import.html",
        view=view,
        problems=found,
        following=following,
        previous=previous,
        tab=request.args.get("tab", "problems"),
        targets=_targets(view),
        kind_options=_kind_options(),
        common_crs=COMMON_CRS,
        labels=_labels(view),
        facts=_facts(view),
    )


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
def cancel(ref: str) -> Response:
    execute(cancel_check, ref)
    flash(_("The check stops at its next step."), "info")
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
    columns: dict[str, str | None] = dict(view.decisions.columns)
    for label, chosen in zip(request.form.getlist("header"), request.form.getlist("target"), strict=False):
        if chosen == LEAVE_OUT:
            columns[label] = None
        elif chosen != PROPOSED:
            columns[label] = chosen
        else:
            columns.pop(label, None)
    defaults = {
        name: value.strip()
        for name, value in zip(request.form.getlist("default"), request.form.getlist("default_value"), strict=False)
        if name and value.strip()
    }
    return {
        "columns": columns,
        "defaults": defaults,
        "crs": typed("crs") or None,
        "kind": typed("kind") or None,
        "encoding": typed("encoding") or None,
        "opens": bool(typed("opens")),
        "new_organisations": bool(typed("new_organisations")),
    }


@blueprint.post("/<ref>/commit")
@policy("import.commit")
def commit(ref: str) -> Response:
    try:
        count = execute(commit_import, CommitImport(ref, rows=typed("rows") or "all"))
    except DomainError as error:
        return _flashed(error, ref)
    flash(ngettext("%(num)d row is imported.", "%(num)d rows are imported.", count), "ok")
    return _to(ref)


@blueprint.post("/<ref>/undo")
@policy("import.undo")
def undo(ref: str) -> Response:
    try:
        count = execute(undo_import, MoveImport(ref))
    except DomainError as error:
        return _flashed(error, ref)
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


def _to(ref: str) -> Response:
    return redirect(url_for("imports.show", ref=ref), 303)  # type: ignore[return-value]


def _flashed(error: DomainError, ref: str) -> Response:
    if error.code not in SHOWN_AS_FLASH:
        raise error
    flash(error.text.in_(current_locale()), "bad")
    return _to(ref)
