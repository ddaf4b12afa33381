"""Pages of a session: sign in, sign out, act for another organisation."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from app.accounts.blueprint import blueprint
from app.accounts.queries import acting_choice
from app.accounts.signin import Attempt, sign_in, sign_out
from app.kernel.errors import DomainError
from app.web.execute import ask, current_actor
from app.web.forms import field_errors, typed
from app.web.links import safe_next
from app.web.policy import policy


@blueprint.get("/sign-in", endpoint="sign_in")
@policy("session.start")
def sign_in_page() -> str | Response:
    target = safe_next(request.args.get("next"))
    if not current_actor().is_anonymous:
        return redirect(target)
    return render_template("accounts/sign_in.html", next=target, email="", errors={})


@blueprint.post("/sign-in", endpoint="sign_in_post")
@policy("session.start")
def sign_in_post() -> Response | tuple[str, int]:
    attempt = Attempt(typed("email"), request.form.get("password", ""), get_remote_address())
    target = safe_next(request.form.get("next"))
    try:
        sign_in(attempt)
    except DomainError as error:
        if error.code != "wrong_credentials":
            raise
        return render_template("accounts/sign_in.html", next=target, email=attempt.email, errors=field_errors(error)), 422
    return redirect(target, 303)


@blueprint.post("/sign-out")
@policy("session.end")
def leave_session() -> Response:
    sign_out()
    flash(_("You are signed out."), "ok")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.post("/acting-for")
@policy("session.switch")
def act_for() -> Response:
    """Act for another of one's organisations from now on."""
    name = ask(acting_choice, typed("organisation"))
    session["acting_for"] = typed("organisation")
    flash(_("You act for %(organisation)s now.", organisation=name), "ok")
    return redirect("/", 303)
