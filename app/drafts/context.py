"""What unfinished forms bring to other pages: how many the reader has."""

from __future__ import annotations

from flask import Flask

from app.drafts.queries import unfinished_count
from app.web.execute import ask


def init(app: Flask) -> None:
    app.jinja_env.globals["unfinished_count"] = lambda: ask(unfinished_count)
