"""Pages of one's own account: name, language, password, memberships, tokens, closing it; and a forgotten password."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from app.accounts.blueprint import blueprint
from app.accounts.passwords import hash_password
from app.accounts.people import EditAccount, deactivate_self, edit_account
from app.accounts.queries import acting_choices, own_account
from app.accounts.resetting import AskReset, Reset, ask_reset, reset_email, reset_password
from app.accounts.rules import clean_email, password_problems, refuse
from app.accounts.signin import change_password, sign_out
from app.kernel.errors import DomainError
from app.kernel.text import LOCALES
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed
from app.web.i18n import LANGUAGE_NAMES
from app.web.limits import account_key, limiter
from app.web.policy import policy


def _page(errors: dict[str, str] | None = None, status: int = 200) -> tuple[str, int]:
    languages = [(locale, LANGUAGE_NAMES[locale]) for locale in LOCALES]
    return render_template(
        "accounts/account.html",
        account=ask(own_account),
        choices=ask(acting_choices),
        languages=languages,
        errors=errors or {},
    ), status


@blueprint.get("/account")
@policy("account.view")
def account() -> tuple[str, int]:
    return _page()


@blueprint.post("/account")
@policy("account.edit")
def account_post() -> Response | tuple[str, int]:
    try:
        execute(edit_account, EditAccount(typed("name"), typed("locale")))
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _page(field_errors(error), 422)
    flash(_("Saved."), "ok")
    response = redirect(url_for("accounts.account"), 303)
    response.delete_cookie("language")
    return response


@blueprint.post("/account/password")
@limiter.limit("10 per minute")
@policy("account.edit")
def password_post() -> Response | tuple[str, int]:
    try:
        change_password(request.form.get("current", ""), request.form.get("new", ""))
    except DomainError as error:
        if error.code not in ("invalid", "wrong_password"):
            raise
        return _page(field_errors(error), 422)
    flash(_("Your password is changed. Your other sessions are over."), "ok")
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/account/deactivate")
@policy("account.edit")
def account_deactivate() -> Response:
    execute(deactivate_self, None)
    sign_out()
    flash(_("Your account is closed."), "ok")
    return redirect("/", 303)


@blueprint.get("/password/forgotten")
@policy("session.start")
def forgotten() -> str:
    return render_template("accounts/forgotten.html", sent=False)


@blueprint.post("/password/forgotten")
@limiter.limit("5 per minute; 20 per hour", key_func=get_remote_address)
@limiter.limit("3 per hour", key_func=account_key)
@policy("session.start")
def forgotten_post() -> str:
    link = current_app.config["SETTINGS"].base_url + url_for("accounts.reset", secret="")
    execute(ask_reset, AskReset(clean_email(typed("email")), link))
    return render_template("accounts/forgotten.html", sent=True)


@blueprint.get("/password/reset/", defaults={"secret": ""})
@blueprint.get("/password/reset/<secret>")
@policy("session.start")
def reset(secret: str) -> str:
    return render_template("accounts/reset.html", email=ask(reset_email, secret), secret=secret, errors={})


@blueprint.post("/password/reset/<secret>")
@limiter.limit("10 per minute", key_func=get_remote_address)
@policy("session.start")
def reset_post(secret: str) -> Response | tuple[str, int]:
    email, password = ask(reset_email, secret), request.form.get("password", "")
    try:
        refuse(password_problems(password, email))
    except DomainError as error:
        return render_template("accounts/reset.html", email=email, secret=secret, errors=field_errors(error)), 422
    execute(reset_password, Reset(secret, hash_password(password)))
    flash(_("Your new password is set. Sign in with it."), "ok")
    return redirect(url_for("accounts.sign_in"), 303)
