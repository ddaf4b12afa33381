"""Pages of saved searches: one's own with their alerts, the link that others open, and the one that ends alerts."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.kernel.errors import DomainError, fail
from app.searches.links import ref_of
from app.searches.queries import in_words, own_searches, search_by_link
from app.searches.rules import ALERTS
from app.searches.schemas import page_of
from app.searches.service import ChangeSearch, SaveSearch, change_search, delete_search, save_search, unsubscribe
from app.web.auth import by_signed_link
from app.web.execute import ask, execute
from app.web.formatting import text
from app.web.forms import typed
from app.web.i18n import current_locale
from app.web.links import safe_next
from app.web.policy import policy

blueprint = Blueprint("searches", __name__, url_prefix="/searches")


def alert_options() -> list[tuple[str, str]]:
    return [(name, text(words)) for name, words in ALERTS.items()]


@blueprint.get("/")
@policy("search.list")
def index() -> str:
    found = ask(own_searches)
    words = ask(in_words, found)
    links = {one.ref: url_for("searches.open_search", ref=one.ref, _external=True) for one in found}
    return render_template("searches/list.html", searches=found, words=words, links=links, alerts=ALERTS, options=alert_options())


@blueprint.post("/")
@policy("search.save")
def save() -> BaseResponse:
    """Keep the search of the page that sent it, and stay there."""
    back = safe_next(typed("next"), url_for("listings.index"))
    try:
        execute(save_search, SaveSearch(typed("name"), typed("query"), typed("alert") or "off"))
    except DomainError as error:
        if error.code != "invalid":
            raise
        flash(_said(error), "bad")
    else:
        flash(_("The search is saved. You find it under “Saved searches”."), "ok")
    return redirect(back, 303)


@blueprint.post("/<ref>")
@policy("search.edit")
def change(ref: str) -> BaseResponse:
    version = int(typed("version")) if typed("version").isdigit() else None
    changes = {"name": typed("name"), "alert": typed("alert"), "is_shared": typed("shared") == "1"}
    try:
        execute(change_search, ChangeSearch(ref, version, changes))
    except DomainError as error:
        if error.code not in ("invalid", "stale_version"):
            raise
        flash(_said(error), "bad")
    else:
        flash(_("The search is changed."), "ok")
    return redirect(url_for("searches.index"), 303)


@blueprint.post("/<ref>/delete")
@policy("search.delete")
def delete(ref: str) -> BaseResponse:
    execute(delete_search, ref)
    flash(_("The search is deleted."), "ok")
    return redirect(url_for("searches.index"), 303)


@blueprint.get("/<ref>/open")
@policy("search.view")
def open_search(ref: str) -> BaseResponse:
    """The list with its filters: who opens it sees what they may see, whoever kept it."""
    return redirect(page_of(ask(search_by_link, ref)), 303)


@blueprint.get("/unsubscribe/<token>")
@policy("search.unsubscribe")
def ask_unsubscribe(token: str) -> str:
    """A question: programs that follow the links of mails must end nothing."""
    _ref(token)
    return render_template("searches/unsubscribe.html", token=token, done=False, name=None)


@blueprint.post("/unsubscribe/<token>")
@policy("search.unsubscribe")
@by_signed_link
def end_alerts(token: str) -> str | Response:
    """Also in one click from the mail program (RFC 8058), which knows no form of ours: the signature in the address decides."""
    name = execute(unsubscribe, _ref(token))
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response("", 200, mimetype="text/plain")
    return render_template("searches/unsubscribe.html", token=token, done=True, name=name)


def _ref(token: str) -> str:
    ref = ref_of(str(current_app.config["SECRET_KEY"]), token)
    if ref is None:
        raise fail("not_found")
    return ref


def _said(error: DomainError) -> str:
    found = [problem.detail.in_(current_locale()) for problem in error.problems]
    return " ".join(found) or error.text.in_(current_locale())
