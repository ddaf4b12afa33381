"""Pages: the PDF of a version, and /verify, which is for everybody."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.agreements.rules import AGREEMENT
from app.agreements.verifying.edge import PER_SENDER, uploaded
from app.agreements.verifying.queries import Verdict, agreement_print, verify_file, verify_hash
from app.kernel.errors import DomainError
from app.needs import ROUND
from app.regions import region_name
from app.web.execute import ask
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.limits import limiter
from app.web.papers import as_file, base_url
from app.web.policy import policy

blueprint = Blueprint("verifying", __name__)


@blueprint.get("/agreements/<ref>/versions/<int:number>/document.pdf")
@policy("agreement.view")
def document(ref: str, number: int) -> Response:
    """The version as a PDF, in the language of the page or of `?lang=`."""
    return as_file(ask(agreement_print, ref, number, request.args.get("lang") or current_locale(), base_url()))


@blueprint.get("/verify")
@policy("agreement.verify")
def verify() -> Response | str:
    given = request.args.get("hash", "").strip().lower()
    return redirect(url_for("verifying.verified", digest=given), 303) if given else _page(None, {})


@blueprint.get("/verify/<digest>")
@policy("agreement.verify")
def verified(digest: str) -> str:
    return _page(ask(verify_hash, digest), {})


@blueprint.post("/verify")
@limiter.limit(PER_SENDER)
@policy("agreement.verify")
def verify_upload() -> Response | str | tuple[str, int]:
    """Compare a file, or look up a hash that was typed instead."""
    given = typed("hash").lower()
    if given and not request.files.get("file"):
        return redirect(url_for("verifying.verified", digest=given), 303)
    try:
        return _page(ask(verify_file, uploaded(), base_url()), {})
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _page(None, field_errors(error)), 422


def _page(verdict: Verdict | None, errors: dict[str, str]) -> str:
    return render_template(
        "agreements/verify.html",
        verdict=verdict,
        errors=errors,
        states=AGREEMENT.states,
        list_states=ROUND.states,
        region_name=region_name,
        labels={"file": _("File")},
    )
