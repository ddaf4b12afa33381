"""What tasks bring to every page: their word in the top bar, how many wait, and the routes of what is subscribed to."""

from __future__ import annotations

from flask import Flask, g

from app.kernel.text import Text
from app.tasks.queries import task_count
from app.web.execute import ask, current_actor
from app.web.shell import NavLink, add_links


def init(app: Flask) -> None:
    app.jinja_env.globals["tasks_waiting"] = tasks_waiting
    add_links(
        app,
        NavLink(
            "tasks.index",
            Text("Tasks", "待办"),
            "tasks",
            order=5,
            visible=lambda: current_actor().organisation_id is not None,
        ),
    )


def tasks_waiting() -> int:
    """Counted once per request."""
    if "tasks_waiting" not in g:
        g.tasks_waiting = ask(task_count)
    return int(g.tasks_waiting)
