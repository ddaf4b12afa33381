"""What allocations bring to every page: the page of an allocation in histories and inboxes."""

from __future__ import annotations

from flask import Flask

from app.web.subjects import subject_page


def init(app: Flask) -> None:
    subject_page("allocation", "allocating.show")
