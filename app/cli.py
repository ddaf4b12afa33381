"""The commands that belong to no feature: schema, job worker, table of errors. Features add theirs in `commands.py`."""

from __future__ import annotations

import signal
import threading

import click
from flask import Flask

from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.db.schema import migrate
from app.web.commandline import Commands
from app.web.errortable import table
from app.web.execute import bus
from app.web.policytable import table as policies

database_group = Commands("db", help="The schema.")
jobs_group = Commands("jobs", help="Background work.")
errors_group = Commands("errors", help="The catalogue of errors.")
policies_group = Commands("policies", help="Who may do what.")


@database_group.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest migration."""
    migrate(bus().database)
    click.echo("schema: newest")


@jobs_group.command("work")
@click.option("--once", is_flag=True, help="Stop when no job is due.")
def work(once: bool) -> None:
    """Run jobs until told to stop."""
    worker = Worker(bus().database, bus().clock, job_handlers(bus()))
    if once:
        while worker.run_one():
            pass
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    worker.run(stop)


@errors_group.command("table")
def error_table() -> None:
    """The catalogue as the text of docs/errors.md."""
    click.echo(table(), nl=False)


@policies_group.command("table")
def policy_table() -> None:
    """Every declared permission as the text of docs/permissions.md."""
    click.echo(policies(), nl=False)


def init(app: Flask) -> None:
    app.cli.add_command(database_group)
    app.cli.add_command(jobs_group)
    app.cli.add_command(errors_group)
    app.cli.add_command(policies_group)
