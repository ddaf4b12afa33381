"""What accounts brings to every page: who is signed in, whom they may act for, the language that they chose."""

from __future__ import annotations

from flask import Flask, g, url_for

from app.accounts.people import keep_locale
from app.accounts.queries import acting_choices
from app.catalogue.profiles import get_profile
from app.kernel.text import Text
from app.web import shell
from app.web.execute import ask, current_actor, execute
from app.web.i18n import language_chosen
from app.web.policy import may


def init(app: Flask) -> None:
    bar = shell.of(app)
    bar.viewer, bar.sign_in_endpoint = viewer, "accounts.sign_in"
    if "accounts.organisations" in app.view_functions:
        shell.add_links(
            app,
            shell.NavLink(
                "accounts.organisations",
                Text("Organisations", "单位"),
                "organisations",
                order=80,
                visible=lambda: may("organisation.manage"),
                menu="office",
            ),
        )
    app.jinja_env.globals["profile_name"] = profile_name
    language_chosen.connect(remember_language, app)


def profile_name(code: str) -> Text:
    """The name of a jurisdiction profile."""
    return get_profile(code).name


def remember_language(sender: Flask, locale: str) -> None:
    if not current_actor().is_anonymous and may("account.edit"):
        execute(keep_locale, locale)


def viewer() -> shell.Viewer | None:
    """Who is signed in, once per request. The count of the inbox comes from whoever keeps one."""
    actor = current_actor()
    if actor.is_anonymous or actor.is_system:
        return None
    if "accounts_viewer" not in g:
        g.accounts_viewer = _viewer()
    found: shell.Viewer = g.accounts_viewer
    return found


def _viewer() -> shell.Viewer:
    actor = current_actor()
    choices = ask(acting_choices)
    current = next((c for c in choices if c.ref == actor.organisation_ref), None)
    return shell.Viewer(
        name=actor.name,
        organisation=f"{current.name}" + (f" ← {current.agent}" if current.agent else "") if current else "",
        organisations=tuple(shell.OrganisationChoice(c.ref, c.name, c.ref == actor.organisation_ref) for c in choices),
        account_url=url_for("accounts.account"),
        sign_out_url=url_for("accounts.leave_session"),
        switch_url=url_for("accounts.act_for"),
        ref=actor.user_ref or "",
    )
