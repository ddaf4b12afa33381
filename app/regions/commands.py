"""`flask regions`: which trees there are, and loading the boundaries of another."""

from __future__ import annotations

from pathlib import Path

import click

from app.kernel.text import Text
from app.regions.library import get_atlas, keep_tree, known_trees
from app.web.commandline import Commands

regions_group = Commands("regions", help="Region trees and their boundaries.")
GROUPS = (regions_group,)


@regions_group.command("list")
def list_trees() -> None:
    """Every tree: regions, polygons, source."""
    for code in known_trees():
        atlas = get_atlas(code)
        bounded = len(atlas.shapes.codes)
        click.echo(f"{code}: {len(atlas.tree.regions)} regions, {bounded} with boundaries. {atlas.tree.source.en}")


@regions_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tree", required=True, help="Code of the tree, as a profile names it; an existing one is replaced.")
@click.option("--source", default=None, help="Where the boundaries come from, as shown under the map. Default: the file's name.")
def load(file: Path, tree: str, source: str | None) -> None:
    """Load the boundaries in FILE (GeoJSON, WGS-84; properties code, name; optional name_zh, level, parent)."""
    from app.regions.boundary_file import read_boundary_file  # GDAL takes half a second to load

    try:
        regions, polygons = read_boundary_file(file)
        kept = keep_tree(tree, regions, polygons, Text(source or file.name, source or file.name))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{tree}: {len(kept.regions)} regions")
