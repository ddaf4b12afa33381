"""`flask match run`: match everything now, or one kind."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.catalogue.kinds import KINDS
from app.engine import warm
from app.matching.run import run_now
from app.web.execute import bus

group = AppGroup("match", help="The matching engine.")


@group.command("run")
@click.option("--kind", type=click.Choice([k.name for k in KINDS.all()]), default=None, help="One kind only.")
def run(kind: str | None) -> None:
    """Match all published needs with all published listings."""
    ref, result = run_now(bus(), kind, lambda percent, message: None)
    served = int((result.feasible > 0).sum())
    click.echo(f"run {ref}: {served} of {len(result.needs)} needs have a match; input {result.input_hash[:12]}")


@group.command("warm")
def compile_kernels() -> None:
    """Compile the engine's kernels and keep them on disk."""
    warm()
    click.echo("kernels: ready")


GROUPS = (group,)
