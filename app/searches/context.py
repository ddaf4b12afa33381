"""What saved searches bring to other pages: the form that keeps one, and where a notice of one leads."""

from __future__ import annotations

from flask import Flask

from app.searches.pages import alert_options
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    subject_page("search", "searches.open_search")
    app.jinja_env.globals["alert_options"] = alert_options
