"""The administrator's way to the background's work."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web import shell
from app.web.policy import may


def init(app: Flask) -> None:
    words = Text("Background work", "后台任务")
    shell.add_links(app, shell.NavLink("jobs.index", words, "jobs", order=95, visible=lambda: may("job.list"), menu="office"))
