"""The language of a request: chosen by the person, remembered in a cookie and, by a subscriber, on the account.

`python -m app.web.i18n extract [FEATURE …] | compile` keeps the message catalogues (see docs/translations.md).
"""

from __future__ import annotations

import sys

from blinker import Namespace
from flask import Blueprint, Flask, current_app, redirect, request
from flask_babel import Babel
from werkzeug.wrappers import Response

from app.kernel.errors import fail
from app.kernel.text import LOCALES
from app.web import formatting, links, mapview, messages, shell
from app.web.execute import current_actor
from app.web.formatting import current_locale
from app.web.policy import policy

COOKIE = "language"
COOKIE_AGE_S = 365 * 24 * 3600
LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}  # each in its own words

language_chosen = Namespace().signal("language-chosen")  # accounts subscribes and keeps `locale` on the user

blueprint = Blueprint("language", __name__)


@blueprint.get("/language/<locale>")
@policy("site.view")
def choose(locale: str) -> Response:
    """Switch the language and return to the page one came from, with its query."""
    if locale not in LOCALES:
        raise fail("not_found")
    language_chosen.send(current_app._get_current_object(), locale=locale)  # type: ignore[attr-defined]
    response = redirect(links.safe_next(request.args.get("next")))
    response.set_cookie(
        COOKIE,
        locale,
        max_age=COOKIE_AGE_S,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
        path="/",
    )
    return response


def asked_for() -> str | None:
    """The best of our locales in Accept-Language; None when the client names none."""
    for tag, _quality in request.accept_languages:
        for locale in LOCALES:
            if tag.lower().replace("_", "-").split("-")[0] == locale.split("_")[0]:
                return locale
    return None


def select_locale() -> str:
    """This browser's choice, else the account's, else Accept-Language, else English; a program's Accept-Language goes first."""
    actor = current_actor()
    account = None if actor.is_anonymous else actor.locale
    is_program = request.path.startswith(("/api/", "/ogc/"))
    candidates = (asked_for() if is_program else None, request.cookies.get(COOKIE), account, asked_for())
    return next((locale for locale in candidates if locale in LOCALES), LOCALES[0])


def other_language() -> tuple[str, str]:
    """The language that the switch offers: its locale and its name for itself."""
    locale = next(item for item in LOCALES if item != current_locale())
    return locale, LANGUAGE_NAMES[locale]


def init(app: Flask) -> None:
    """Bind flask-babel and what every template needs: languages, links, the shell of the page."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES[0])
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(messages.TRANSLATIONS))
    if not messages.compiled_path().exists() or (messages.is_stale() and (app.debug or app.testing)):
        messages.compile_parts()
    Babel(app, locale_selector=select_locale, timezone_selector=formatting.current_zone)
    links.init(app)
    shell.init(app)
    mapview.init(app)
    app.jinja_env.globals["other_language"] = other_language
    app.register_blueprint(blueprint)


__all__ = ["blueprint", "current_locale", "init", "language_chosen", "select_locale"]

if __name__ == "__main__":
    sys.exit(messages.main(sys.argv[1:]))
