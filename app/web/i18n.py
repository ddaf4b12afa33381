"""The language of a request: chosen by the person, remembered in a cookie and, by a subscriber, on the account.

`python -m app.web.i18n extract [FEATURE …] | compile` keeps the message catalogues (see docs/translations.md).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from blinker import Namespace
from flask import Blueprint, Flask, current_app, redirect, request
from flask_babel import Babel
from werkzeug.wrappers import Response

from app.kernel.errors import fail
from app.kernel.text import LOCALES
from app.web import filters, messages
from app.web.links import safe_next
from app.web.policy import policy

COOKIE = "language"
COOKIE_AGE_S = 365 * 24 * 3600
LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}  # each in its own words
ROOT = Path(__file__).resolve().parents[2]

language_chosen = Namespace().signal("language-chosen")  # accounts subscribes and keeps `locale` on the user

blueprint = Blueprint("language", __name__)


@blueprint.get("/language/<locale>")
@policy("language.choose")
def choose(locale: str) -> Response:
    """Switch the language and return to the page one came from, with its query."""
    if locale not in LOCALES:
        raise fail("not_found")
    language_chosen.send(current_app._get_current_object(), locale=locale)  # type: ignore[attr-defined]
    response = redirect(safe_next(request.args.get("next")))
    response.set_cookie(
        COOKIE, locale, max_age=COOKIE_AGE_S, samesite="Lax", httponly=True, secure=request.is_secure, path="/",
    )
    return response


def asked_for() -> str | None:
    """The best of our locales in Accept-Language; None when the client names none."""
    for tag, _quality in request.accept_languages:
        for locale in LOCALES:
            if tag.lower().replace("_", "-").split("-")[0] == locale.split("_")[0]:
                return locale
    return None


def select_locale(user_locale: Callable[[], str | None]) -> str:
    """A program's Accept-Language, else this browser's choice, the account's, Accept-Language, English."""
    is_api = request.path.startswith(("/api/", "/ogc"))
    chosen = request.cookies.get(COOKIE)
    candidates = (asked_for() if is_api else None, chosen, user_locale(), asked_for())
    return next((locale for locale in candidates if locale in LOCALES), LOCALES[0])


def no_user() -> str | None:
    return None


def other_language() -> tuple[str, str]:
    """The language that the switch offers: its locale and its name for itself."""
    locale = next(item for item in LOCALES if item != filters.current_locale())
    return locale, LANGUAGE_NAMES[locale]


def init_app(app: Flask, user_locale: Callable[[], str | None] = no_user) -> None:
    """Bind flask-babel. `user_locale` tells the signed-in person's language without starting a session of its own."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES[0])
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(messages.TRANSLATIONS))
    if messages.is_stale() and (app.debug or app.testing or not messages.compiled_path().exists()):
        messages.compile_parts()
    Babel(app, locale_selector=lambda: select_locale(user_locale), timezone_selector=filters.current_zone)
    filters.init_app(app)
    app.jinja_env.globals.update(other_language=other_language)
    app.register_blueprint(blueprint)


if __name__ == "__main__":
    sys.exit(messages.main(sys.argv[1:]))
