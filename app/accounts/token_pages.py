"""Pages of API tokens: the list, a new one shown once, revoking."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.access_tokens import CreatedToken, CreateToken, RevokeToken, create_token, revoke_token
from app.accounts.blueprint import blueprint
from app.accounts.queries import own_tokens
from app.accounts.rules import SCOPE_NAMES
from app.kernel.errors import DomainError
from app.web.execute import ask, current_actor, execute
from app.web.formatting import text
from app.web.forms import field_errors, typed
from app.web.policy import policy


def _page(made: CreatedToken | None = None, errors: dict[str, str] | None = None) -> str:
    scopes = [(scope, text(name)) for scope, name in SCOPE_NAMES.items()]
    return render_template(
        "accounts/tokens.html",
        tokens=ask(own_tokens),
        made=made,
        errors=errors or {},
        scopes=scopes,
        scope_names=SCOPE_NAMES,
        organisation=current_actor().organisation_ref,
        name=typed("name") if errors else "",
    )


@blueprint.get("/account/tokens")
@policy("token.list")
def tokens() -> str:
    return _page()


@blueprint.post("/account/tokens")
@policy("token.create")
def token_create() -> str | tuple[str, int]:
    """The answer to this POST is the only page that ever shows the token."""
    days = typed("days")
    command = CreateToken(typed("name"), frozenset({typed("scope")}), int(days) if days.isdigit() else 0)
    try:
        return _page(execute(create_token, command))
    except DomainError as error:
        if error.code != "invalid":
            raise
        return _page(errors=field_errors(error)), 422


@blueprint.post("/account/tokens/<ref>/revoke")
@policy("token.revoke")
def token_revoke(ref: str) -> Response:
    execute(revoke_token, RevokeToken(ref))
    flash(_("The token is revoked."), "ok")
    return redirect(url_for("accounts.tokens"), 303)
