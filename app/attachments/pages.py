"""Download, upload and removal of documents from any page that shows them (templates/attachments/panel.html)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirection

from app.attachments.edge import download, receive
from app.attachments.queries import attachment
from app.attachments.service import remove_attachment
from app.kernel.errors import DomainError
from app.web.execute import ask, execute
from app.web.formatting import current_locale
from app.web.forms import typed
from app.web.links import safe_next
from app.web.policy import policy
from app.web.subjects import subject_url

blueprint = Blueprint("attachments", __name__, url_prefix="/attachments")


@blueprint.get("/<ref>")
@policy("attachment.view")
def content(ref: str) -> Response:
    return download(ask(attachment, ref))


@blueprint.post("/to/<subject_type>/<subject_ref>")
@policy("attachment.add")
def add(subject_type: str, subject_ref: str) -> Redirection:
    """Back to the page that sent the form, with what was wrong with the file, if anything was."""
    try:
        receive(subject_type, subject_ref, typed("purpose"))
    except DomainError as error:
        if error.type.status != 422:
            raise
        flash(error.text.in_(current_locale()), "bad")
    else:
        flash(_("The document is attached."), "ok")
    return _back(subject_type, subject_ref)


@blueprint.post("/<ref>/remove")
@policy("attachment.remove")
def remove(ref: str) -> Redirection:
    subject_type, subject_ref = execute(remove_attachment, ref)
    flash(_("The document is taken away."), "ok")
    return _back(subject_type, subject_ref)


def _back(subject_type: str, subject_ref: str) -> Redirection:
    return redirect(safe_next(request.form.get("next"), subject_url(subject_type, subject_ref) or "/"), 303)
