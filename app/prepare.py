"""Brings the database of `make run` to where the server can start: newest schema, demo data with its matching run.

Every step is a command of `flask`, run here in one process because starting Python costs more than most of them.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo

from app import create_app
from app.audit.jobs import queue_daily
from app.config import Settings
from app.db.work import Bus
from app.demo.unfinished import is_unfinished, start_over
from app.kernel.actor import SYSTEM
from app.searches.daily import queue_daily as queue_alerts
from app.setup import Step


def run_command(app: Flask, *words: str) -> None:
    """Run `flask WORDS…` in this process."""
    app.cli.main(list(words), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


def quietly(app: Flask, *words: str) -> str:
    """Run a command; what it printed is returned, and shown when it fails."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            run_command(app, *words)
    except Exception:
        print(f"\nflask {' '.join(words)} failed:\n{printed.getvalue()}", file=sys.stderr)
        raise
    return printed.getvalue()


def prepare(app: Flask, settings: Settings) -> str:
    """Migrate; with DEMO=1 load the demo story once, which matches it on the way and tells its scenes. Returns the demo
    sign-ins."""
    if settings.demo and is_unfinished(settings) and start_over(settings):
        print("The demo data broke off half-way the last time: it starts over.")
    with Step("Bringing the database to the newest schema"):
        quietly(app, "db", "upgrade")
    bus: Bus = app.extensions["infrashare_bus"]
    bus.execute(queue_daily, SYSTEM, 0.0)
    bus.execute(queue_alerts, SYSTEM, None)
    if not settings.demo:
        return ""
    run_command(app, "demo", "load")
    return quietly(app, "demo", "accounts")


def main(arguments: Sequence[str]) -> int:
    """`python -m app.prepare SIGN_INS`: prepare, and leave the demo sign-ins in the file of that name for who announces them."""
    (sign_ins,) = arguments
    settings = Settings.from_env()
    with Step("Starting the application"):
        app = create_app(settings)
    Path(sign_ins).write_text(prepare(app, settings), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
