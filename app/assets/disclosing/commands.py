"""`flask disclosure trace FILE`: whose copy a file is."""

from __future__ import annotations

from pathlib import Path

import click

from app.assets.disclosing.tracing import trace
from app.kernel.actor import SYSTEM
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("disclosure", help="Who saw what.")
GROUPS = [group]


@group.command("trace")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def trace_file(file: Path) -> None:
    """Say to whom the export that FILE comes from was given, and on which grants. The exit status is 1 when nobody is found."""
    found = bus().ask(trace, SYSTEM, file.read_bytes())
    for one in found:
        how = "mark and canary" if one.by_mark and one.canary.is_proof else "mark" if one.by_mark else "canary"
        click.echo(
            f"{one.organisation.name}, {one.person}, {one.made_at:%Y-%m-%d %H:%M} UTC: export {one.mark} ({one.grade}), by {how}; "
            f"{one.canary.agreeing} of {one.canary.places} places; grants: {', '.join(one.grants) or 'none'}"
        )
    if not found:
        click.echo("no export of ours is recognised in this file")
        raise SystemExit(1)
