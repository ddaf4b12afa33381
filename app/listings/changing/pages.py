"""Pages of bulk changes: the form for what is chosen in the list, the preview by listing, applying, taking back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from app.assets import amount_fields, register_words
from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError, fail
from app.kernel.text import Text
from app.listings.changing.choosing import Choice, chosen
from app.listings.changing.forms import TAKE_AWAY, read_choice, read_wanted
from app.listings.changing.queries import change_detail, change_items, list_changes
from app.listings.changing.rules import STATUSES, VALID_ROWS, VERDICTS, common_attributes, common_dimensions
from app.listings.changing.service import (
    MoveChange,
    ProposeChange,
    begin_apply,
    discard_change,
    note_failure,
    preview_again,
    propose_change,
    undo_change,
)
from app.listings.changing.words import deltas
from app.listings.forms import typed_errors
from app.listings.queries import owner_currency
from app.listings.rules import EXCLUSIVITIES
from app.listings.rules import LIFE as LISTING_LIFE
from app.listings.rules import STATUSES as LISTING_STATUSES
from app.web.execute import ask, execute
from app.web.formatting import in_groups, quantity, text
from app.web.forms import field_errors, in_order, typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy

blueprint = Blueprint("listing_changes", __name__, url_prefix="/listings/bulk")
blueprint.context_processor(register_words)
OPEN = Text("Open to others", "对外开放")
TONES = {
    "waiting": "out",
    "change": "brand",
    "same": "out",
    "refused": "bad",
    "stale": "warn",
    "applied": "ok",
    "undone": "out",
}
STATE_TONES = {"selected": "brand", "previewed": "brand", "applied": "ok", "undone": "out", "discarded": "out"}
SAID_HERE = ("bulk_refused", "bulk_empty", "bulk_undo_blocked", "stale_version", "illegal_transition", "bulk_running")


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "bulk_statuses": STATUSES,
        "bulk_tones": STATE_TONES,
        "verdicts": VERDICTS,
        "verdict_tones": TONES,
        "deltas": deltas,
        "listing_statuses": LISTING_STATUSES,
        "steps_in_words": LISTING_LIFE.labels,
        "signed": signed,
    }


def signed(percent: Decimal) -> str:
    """+5 %, −2.5 %."""
    return ("−" if percent < 0 else "+") + quantity(abs(percent), "%")


@blueprint.get("/")
@policy("bulk_change.list")
def index() -> str:
    paging = asked(50)
    found = ask(list_changes, after=paging.after, limit=paging.limit)
    following, previous = links(Page(found.rows, found.count, found.after))
    return render_template("listing_changes/list.html", found=found, following=following, previous=previous)


@blueprint.get("/new")
@policy("bulk_change.start")
def new() -> str:
    """The form for the listings that are ticked in the list, or for all that its filter finds."""
    return _form(_choice(request.args), request.args, {}, {})


@blueprint.post("/new")
@policy("bulk_change.start")
def propose() -> Response | tuple[str, int]:
    choice = _choice(request.form)
    try:
        kinds = ask(chosen, choice).kinds
        wanted, problems = read_wanted(request.form, kinds, ask(owner_currency))
        if problems:
            raise fail("invalid", problems)
        ref = execute(propose_change, ProposeChange(choice, wanted))
    except DomainError as error:
        if error.code not in ("invalid", "bulk_too_many"):
            raise
        return _form(choice, request.form, dict(request.form), typed_errors(field_errors(error))), 422
    return _to(ref)


def _choice(given: MultiDict[str, str]) -> Choice:
    return read_choice(given, ask(owner_currency))


def _form(choice: Choice, given: MultiDict[str, str], values: dict[str, Any], errors: dict[str, str]) -> str:
    found = None
    try:
        found = ask(chosen, choice)
    except DomainError as error:
        errors = errors or field_errors(error)
    attributes = common_attributes(found.kinds) if found else ()
    amounts = amount_fields(common_dimensions(found.kinds) if found else (), OPEN)
    labels = {
        "title": _("Title"),
        "action": _("State"),
        "tier": _("Disclosure"),
        "exclusivity": _("Who may use it"),
        "price": _("Price a year"),
        "price_percent": _("Change of the price"),
        "window_start": _("First day"),
        "window_last": _("Last day"),
        "terms": _("Terms"),
        **{f"offered.{declared.name}": text(declared.label) for declared in amounts},
        **{f"attributes.{declared.name}": text(declared.label) for declared in in_groups(attributes)},
    }
    return render_template(
        "listing_changes/form.html",
        found=found,
        refs=given.getlist("listing"),
        is_all=bool(given.get("all")),
        query=given.get("query", ""),
        values=values,
        cleared=given.getlist("clear"),
        errors=in_order(errors, labels),
        labels=labels,
        attributes=attributes,
        amounts=amounts,
        take_away=TAKE_AWAY,
        currency=ask(owner_currency),
        steps=[(action, text(LISTING_LIFE.labels[action])) for action in LISTING_LIFE.transitions],
        exclusivities=[(name, text(words)) for name, words in EXCLUSIVITIES.items()],
    )


@blueprint.get("/<ref>")
@policy("bulk_change.view")
def show(ref: str) -> str:
    view = ask(change_detail, ref)
    verdict = request.args.get("verdict")
    paging = asked(50)
    wanted = verdict if verdict in VERDICTS else None
    items = ask(change_items, ref, verdict=wanted, after=paging.after, before=paging.before, limit=paging.limit)
    following, previous = links(Page(items.rows, items.count, items.after, items.before))
    return render_template(
        "listing_changes/show.html",
        view=view,
        items=items,
        verdict=wanted,
        following=following,
        previous=previous,
        kinds=KINDS,
    )


@blueprint.get("/<ref>/progress")
@policy("bulk_change.view")
def progress(ref: str) -> Response | str:
    """The fragment that the page reads until the job is over; then the whole page is read again."""
    view = ask(change_detail, ref)
    if view.is_running:
        return render_template("listing_changes/progress.html", view=view)
    done = Response("")
    done.headers["HX-Redirect"] = url_for("listing_changes.show", ref=ref)
    return done


@blueprint.post("/<ref>/apply")
@policy("bulk_change.apply")
def apply(ref: str) -> Response:
    try:
        is_done = execute(begin_apply, MoveChange(ref, _seen(), _rows()))
    except DomainError as error:
        if error.code == "bulk_refused":
            execute(note_failure, (ref, error))
        return _said(ref, error)
    if is_done:
        count = ask(change_detail, ref).counts.get("applied", 0)
        flash(ngettext("%(num)d listing is changed.", "%(num)d listings are changed.", count), "ok")
    return _to(ref)


@blueprint.post("/<ref>/preview")
@policy("bulk_change.preview")
def preview(ref: str) -> Response:
    execute(preview_again, ref)
    return _to(ref)


@blueprint.post("/<ref>/undo")
@policy("bulk_change.undo")
def undo(ref: str) -> Response:
    try:
        count = execute(undo_change, MoveChange(ref, _seen(), _rows()))
    except DomainError as error:
        return _said(ref, error)
    flash(ngettext("%(num)d listing is as it was.", "%(num)d listings are as they were.", count), "ok")
    return _to(ref)


@blueprint.post("/<ref>/discard")
@policy("bulk_change.discard")
def discard(ref: str) -> Response:
    execute(discard_change, MoveChange(ref))
    flash(_("The bulk change is given up. No listing was changed."), "ok")
    return redirect(url_for("listings.index", owner="mine"), 303)  # type: ignore[return-value]


def _said(ref: str, error: DomainError) -> Response:
    if error.code not in SAID_HERE:
        raise error
    named = [problem.detail.in_(current_locale()) for problem in error.problems[:5]]
    flash(" ".join([error.text.in_(current_locale()), *named]), "bad")
    return _to(ref)


def _rows() -> str:
    return VALID_ROWS if typed("rows") == VALID_ROWS else "all"


def _seen() -> int | None:
    return int(typed("version")) if typed("version").isdigit() else None


def _to(ref: str) -> Response:
    return redirect(url_for("listing_changes.show", ref=ref), 303)  # type: ignore[return-value]
