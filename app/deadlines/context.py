"""What deadlines bring to every page: the calendars in the top bar of the platform's administrators."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web.policy import may
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    add_links(
        app,
        NavLink(
            "calendars.index",
            Text("Calendars", "工作日历"),
            "calendars",
            order=82,
            visible=lambda: may("calendar.load"),
            menu="office",
        ),
    )
