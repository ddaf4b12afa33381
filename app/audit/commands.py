"""`flask audit verify`: whether every chain of records is whole, and as it was when its heads were published; `flask audit publish`."""

from __future__ import annotations

import click
from flask import current_app

from app.audit.heads import read_published
from app.audit.jobs import publish_now
from app.audit.signing import public_hex, signing_key
from app.audit.verifying import verify
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("audit", help="The record of changes.")
GROUPS = [group]
WORDS = {
    "changed": "a byte of this record was changed",
    "gap": "a record before this one was deleted",
    "fork": "two records follow the same one",
    "cut": "records from here on were cut off after their head was published",
    "rewritten": "this is not the record whose hash was published",
    "heads_changed": "this line of the published file was changed, or one before it is missing",
    "heads_missing": "this line of the published file, which is on record, is gone",
    "signature": "this line is not signed by the installation's key",
}


@group.command("publish")
def publish_heads() -> None:
    """Sign the end of every chain and append it to the file of heads, as the daily job does."""
    settings = current_app.config["SETTINGS"]
    made = publish_now(bus(), settings)
    click.echo(f"{len(made.heads)} heads signed with {made.whole['key']}, appended to {settings.heads_file}")


@group.command("verify")
@click.option("--heads", is_flag=True, help="Print the end of every chain too.")
def verify_chains(heads: bool) -> None:
    """Check every chain, and against every published head; the exit status is 1 when one is broken."""
    settings = current_app.config["SETTINGS"]
    published = read_published(settings.heads_file, public_hex(signing_key(settings.signing_key_file)))
    with bus().database.read() as session:
        verdict = verify(session, published)
    for head in verdict.heads if heads else ():
        click.echo(f"{head.chain} {head.position} {head.hash}")
    for fault in verdict.faults:
        click.echo(f"chain {fault.chain}: {fault.kind} at {fault.position}: {WORDS[fault.kind]}", err=True)
    lines = f"{verdict.records} records in {len(verdict.heads)} chains, {len(published)} published heads"
    click.echo(f"{lines}, {len(verdict.faults)} broken")
    if verdict.faults:
        raise SystemExit(1)
