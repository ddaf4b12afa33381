"""`flask deadlines`: after an upgrade that brings a newly published working calendar."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.deadlines.service import recompute_provisional
from app.kernel.actor import SYSTEM
from app.web.execute import bus

deadlines_group = AppGroup("deadlines", help="Clocks.")
GROUPS = (deadlines_group,)


@deadlines_group.command("recompute")
def recompute() -> None:
    """Count every provisional date again."""
    click.echo(f"{bus().execute(recompute_provisional, SYSTEM, None)} dates are firm now")
