"""Brings the database of `make run` to where the server can start: newest schema, demo data with its matching run.

Every step is a command of `flask`, run here in one process because starting Python costs more than most of them.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout

from flask import Flask
from flask.cli import ScriptInfo

from app import create_app
from app.config import Settings, SettingsError
from app.setup import Step


def run_command(app: Flask, *words: str) -> None:
    """Run `flask WORDS…` in this process."""
    app.cli.main(list(words), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


def quietly(app: Flask, *words: str) -> None:
    """Run a command and show what it printed only when it fails."""
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            run_command(app, *words)
    except Exception:
        print(f"\nflask {' '.join(words)} failed:\n{printed.getvalue()}", file=sys.stderr)
        raise


def prepare(app: Flask, settings: Settings) -> None:
    """Migrate; with DEMO=1 load the demo story once, which matches it on the way and tells its scenes."""
    with Step("Bringing the database to the newest schema"):
        quietly(app, "db", "upgrade")
    if settings.demo:
        run_command(app, "demo", "load")


def main() -> int:
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    with Step("Starting the application"):
        app = create_app(settings)
    prepare(app, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
