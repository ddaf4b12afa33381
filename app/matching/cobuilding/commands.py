"""`flask match cobuild`: reckon now who should build together."""

from __future__ import annotations

import click

from app.matching.cobuilding.reckon import SEED, reckon
from app.matching.commands import group
from app.web.execute import bus


@group.command("cobuild")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=SEED, show_default=True, help="Of the search.")
def cobuild(seed: int) -> None:
    """Group the needs that nothing serves, and keep the groups."""
    found = reckon(bus(), None, lambda percent, message: None, seed)
    click.echo(
        f"reckoning {found.ref}: {found.needs} unserved needs; groups: {found.proposed} new, {found.kept} kept, "
        f"{found.superseded} superseded"
    )


GROUPS = ()  # the command joins `flask match`
