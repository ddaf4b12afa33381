"""My unfinished forms, and where a form sends what is not finished: by its button “Finish later”, and by the page itself while somebody types."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.drafts.queries import unfinished_forms
from app.drafts.rules import typed_values
from app.drafts.service import KeepDraft, discard_draft, keep_draft
from app.kernel.errors import DomainError
from app.web.execute import ask, execute
from app.web.i18n import current_locale
from app.web.links import safe_next
from app.web.policy import policy

blueprint = Blueprint("drafts", __name__, url_prefix="/drafts")


@blueprint.get("/")
@policy("draft.view")
def index() -> str:
    """My own unfinished forms: go on, or discard."""
    return render_template("drafts/index.html", forms=ask(unfinished_forms))


@blueprint.post("/<form>")
@policy("draft.keep")
def keep(form: str) -> Response:
    """Keep what is typed. A page that asks by itself (`quiet`) gets an answer without words."""
    quiet = "quiet" in request.args
    try:
        execute(keep_draft, KeepDraft(form, typed_values(request.form)))
    except DomainError as error:
        if quiet or error.code not in ("draft_too_long", "draft_too_many"):
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        if quiet:
            return Response("", 204)
        flash(_("Kept as you left it. You find it here again, on any device, when you come back to this form."), "ok")
    return redirect(safe_next(request.args.get("next")), 303)


@blueprint.post("/<form>/discard")
@policy("draft.keep")
def discard(form: str) -> Response:
    execute(discard_draft, form)
    flash(_("The unfinished form is discarded."), "ok")
    return redirect(safe_next(request.form.get("next")), 303)
