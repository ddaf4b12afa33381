"""`flask failed-jobs list`, `flask failed-jobs retry`."""

from __future__ import annotations

import click

from app.admin.queries import background
from app.admin.service import retry_job
from app.kernel.actor import SYSTEM
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("failed-jobs", help="Jobs that have failed for good.")
GROUPS = [group]


@group.command("list")
def list_failed() -> None:
    """The newest first: id, task, starts, why."""
    for job in bus().ask(background, SYSTEM).failed:
        click.echo(f"{job.ref} {job.task} {job.attempts} {job.why}")


@group.command("retry")
@click.argument("ref")
def retry(ref: str) -> None:
    """Let the job REF be started again."""
    bus().execute(retry_job, SYSTEM, ref)
    click.echo(f"{ref} waits for a worker again")
