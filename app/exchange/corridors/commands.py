"""`flask corridors load FILE`: the same as the page's form, from the operator's terminal."""

from __future__ import annotations

from pathlib import Path

import click

from app.exchange.corridors.lines import read_lines
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.matching import CORRIDOR_SORTS, LoadLayer, load_layer
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("corridors", help="Roads, railways and other lines that joint trenches follow.")


@group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--region", required=True, help="Region code that the lines serve.")
@click.option("--name", required=True, help="Of the layer.")
@click.option("--sort", type=click.Choice(list(CORRIDOR_SORTS)), required=True)
@click.option("--source", required=True, help="Where the lines come from, and under which licence.")
@click.option("--crs", help="Coordinate system of the file: EPSG:2193, GCJ-02, BD-09. Stands before what the file states.")
def load(file: Path, region: str, name: str, sort: str, source: str, crs: str | None) -> None:
    """Load the lines of FILE as one layer of the region's administration."""
    try:
        found = read_lines(file, file.name, crs)
        ref = bus().execute(load_layer, SYSTEM, LoadLayer(region, name, sort, source, found.crs, found.lines))
    except DomainError as error:
        told = [error.text.en, *(problem.detail.en for problem in error.problems)]
        raise click.ClickException("; ".join(told)) from None
    click.echo(f"layer {ref}: {len(found.lines)} lines in {found.crs}; {found.others} others left out")


GROUPS = (group,)
