"""A small application of the page layer alone: the style guide, the languages, no feature and no database."""

from __future__ import annotations

from flask import Flask

from app.config import ROOT
from app.web import assets, errors, formatting, i18n, security, styleguide


def page_app() -> Flask:
    app = Flask(
        "pages", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "app" / "static")
    )
    app.config.update(TESTING=True, SECRET_KEY="only for tests", MAX_CONTENT_LENGTH=10**6)
    for part in (security, i18n, formatting, assets, errors):
        part.init(app)
    app.register_blueprint(styleguide.blueprint)
    return app
