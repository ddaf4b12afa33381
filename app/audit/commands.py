"""`flask audit verify`: whether every chain of records is whole."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.audit.queries import verify
from app.web.execute import bus

group = AppGroup("audit", help="The record of changes.")
GROUPS = [group]


@group.command("verify")
@click.option("--heads", is_flag=True, help="Print the end of every chain, to be kept elsewhere: a cut tail still verifies.")
def verify_chains(heads: bool) -> None:
    """Check every chain; the exit status is 1 when one is broken."""
    with bus().database.read() as session:
        verdict = verify(session)
    for head in verdict.heads if heads else ():
        click.echo(f"{head.chain} {head.position} {head.hash}")
    for fault in verdict.faults:
        click.echo(f"chain {fault.chain}: {fault.kind} at {fault.position}", err=True)
    click.echo(f"{verdict.records} records in {len(verdict.heads)} chains, {len(verdict.faults)} broken")
    if verdict.faults:
        raise SystemExit(1)
