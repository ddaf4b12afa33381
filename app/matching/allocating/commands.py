"""`flask match allocate`: allocate a needs list now and print what came out."""

from __future__ import annotations

import click

from app.kernel.actor import SYSTEM
from app.matching.allocating.queries import run_detail
from app.matching.allocating.run import StartAllocation, run_allocation
from app.matching.allocating.scenario import SECONDS, Scenario
from app.matching.commands import group
from app.web.execute import bus


@group.command("allocate")
@click.option("--list", "needs_list", default=None, help="Reference of a needs list; left out: every open need.")
@click.option("--seconds", type=click.IntRange(*SECONDS), default=60, show_default=True, help="Time to search.")
@click.option("--divisible", is_flag=True, help="A need of several units may be served from several listings.")
@click.option("--exclusive", is_flag=True, help="An asset serves one organisation.")
def allocate(needs_list: str | None, seconds: int, divisible: bool, exclusive: bool) -> None:
    """The best allocation of open needs to open listings, with its bound."""
    asked = Scenario(seconds=seconds, divisible=divisible, exclusive=exclusive)
    ref = run_allocation(bus(), StartAllocation(needs_list, asked), lambda percent, message: None)
    run = bus().ask(run_detail, SYSTEM, ref)
    said = "proven best" if run.proven else f"at most {100 * (run.gap or 0):.3f} % below the best"
    click.echo(f"allocation {ref}: {run.served} of {run.needs} needs served, {run.value} points, {said}; input {run.input_hash}")


GROUPS = ()  # `group` is attached by matching
