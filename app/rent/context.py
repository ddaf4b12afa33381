"""What rent brings to every page: the page of a statement for links."""

from __future__ import annotations

from flask import Flask

from app.web.subjects import subject_page


def init(app: Flask) -> None:
    subject_page("rent_statement", "rent.show_statement")
