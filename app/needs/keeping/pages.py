"""Pages of who keeps a needs list: its workspace, invitations, merges and their consent, the workbook."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError
from app.needs.keeping.inviting import DeclineList, Invite, Remind, decline_list, invite, remind
from app.needs.keeping.merging import (
    AnswerMerge,
    ProposeMerge,
    UndoMerge,
    answer_merge,
    merge_view,
    propose_merge,
    undo_merge,
)
from app.needs.keeping.queries import EntryMark, marks_of, workspace
from app.needs.keeping.rules import ANSWERS, LEAST_COVER, MERGE, NEAR_M, TWIN_POINTS
from app.needs.keeping.sheet import WriteBook, write_book
from app.needs.words import need_words
from app.regions import region_below
from app.web.execute import ask, execute
from app.web.forms import field_errors, ticked, typed
from app.web.geojson import geometry_json
from app.web.papers import as_workbook
from app.web.policy import policy

blueprint = Blueprint("needs_keeping", __name__, url_prefix="/needs")
MOST_MARKS = 1000
PARTS = ("coverage", "organisations", "duplicates")
TONES = {"entered": "ok", "drafting": "warn", "nothing": "out", "silent": "warn"}
MERGE_TONES = {"proposed": "warn", "merged": "ok", "declined": "bad", "withdrawn": "out", "undone": "out"}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        **need_words(),
        "answers": ANSWERS,
        "answer_tones": TONES,
        "merge_states": MERGE.states,
        "merge_tones": MERGE_TONES,
        "near_m": NEAR_M,
        "least_cover": LEAST_COVER,
    }


@blueprint.get("/lists/<ref>/workspace")
@policy("needs_list.keep")
def show(ref: str) -> str:
    part = request.args.get("show", "coverage")
    space = ask(workspace, ref, tells_twins=part == "duplicates")
    marks = ask(marks_of, ref, MOST_MARKS) if part == "coverage" else ()
    return render_template(
        "needs/workspace.html",
        space=space,
        view=space.view,
        part=part if part in PARTS else "coverage",
        features=[_mark(entry) for entry in marks],
        twin_points=TWIN_POINTS,
        region_below=region_below,
    )


def _mark(entry: EntryMark) -> dict[str, Any]:
    state = "fits" if entry.is_served else "near"
    mark = {"id": entry.ref, "label": entry.title, "state": state, "hue": KINDS[entry.kind].hue}
    if entry.geometry.geom_type == "Point":
        return mark | {"lon": entry.geometry.x, "lat": entry.geometry.y}
    return mark | {"geometry": geometry_json(entry.geometry)}


def _to(ref: str, part: str) -> Response:
    return redirect(url_for("needs_keeping.show", ref=ref, show=part), 303)  # type: ignore[return-value]


def _refused(error: DomainError) -> None:
    """What was typed or is no longer so is said; the rest is answered by the error page."""
    if int(error.type.status) not in (409, 422):
        raise error
    flash(" ".join(field_errors(error).values()), "bad")


@blueprint.post("/lists/<ref>/invite")
@policy("needs_list.invite")
def invite_to(ref: str) -> Response:
    try:
        count = execute(invite, Invite(ref, ticked("organisations")))
    except DomainError as error:
        _refused(error)
    else:
        flash(ngettext("%(num)d organisation is invited.", "%(num)d organisations are invited.", count), "ok")
    return _to(ref, "organisations")


@blueprint.post("/lists/<ref>/remind")
@policy("needs_list.invite")
def remind_of(ref: str) -> Response:
    try:
        count = execute(remind, Remind(ref))
    except DomainError as error:
        _refused(error)
    else:
        flash(ngettext("%(num)d organisation is reminded.", "%(num)d organisations are reminded.", count), "ok")
    return _to(ref, "organisations")


@blueprint.post("/lists/<ref>/decline")
@policy("needs_list.answer")
def decline(ref: str) -> Response:
    try:
        execute(decline_list, DeclineList(ref, typed("note") or None))
    except DomainError as error:
        _refused(error)
    else:
        flash(_("The administration knows that you have nothing to enter. You still can, while the list collects."), "ok")
    return redirect(url_for("needs.show_list", ref=ref), 303)  # type: ignore[return-value]


@blueprint.post("/lists/<ref>/workbook")
@policy("needs_list.export")
def workbook(ref: str) -> Response:
    """The list as ministries get it; whose copy it is stands in it, and is recorded."""
    return as_workbook(execute(write_book, WriteBook(ref)))


@blueprint.post("/lists/<ref>/merges")
@policy("need.merge")
def propose(ref: str) -> Response:
    try:
        status = execute(propose_merge, ProposeMerge(typed("need"), typed("into"), typed("reason")))
    except DomainError as error:
        _refused(error)
    else:
        flash(_("The entries are merged.") if status == "merged" else _("Who asked for it is asked for its consent."), "ok")
    return _to(ref, "duplicates")


@blueprint.post("/lists/<ref>/merges/<merge_ref>/undo")
@policy("need.merge")
def undo(ref: str, merge_ref: str) -> Response:
    try:
        status = execute(undo_merge, UndoMerge(merge_ref, typed("reason")))
    except DomainError as error:
        _refused(error)
    else:
        flash(_("The entry is back in the list.") if status == "undone" else _("The proposal is withdrawn."), "ok")
    return _to(ref, "duplicates")


@blueprint.get("/merges/<ref>")
@policy("need_merge.view")
def show_merge(ref: str) -> str:
    view = ask(merge_view, ref)
    return render_template("needs/merge.html", view=view, kind=KINDS[view.kind])


@blueprint.post("/merges/<ref>/answer")
@policy("need_merge.answer")
def answer(ref: str) -> Response:
    try:
        status = execute(answer_merge, AnswerMerge(ref, typed("accept") == "yes", typed("answer") or None))
    except DomainError as error:
        _refused(error)
    else:
        flash(_("The entries are merged.") if status == "merged" else _("Your entry stays in the list."), "ok")
    return redirect(url_for("needs_keeping.show_merge", ref=ref), 303)  # type: ignore[return-value]
