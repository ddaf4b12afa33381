"""`flask match run`: match everything now, or one kind, here or in parts on several machines."""

from __future__ import annotations

from pathlib import Path

import click

from app.catalogue.kinds import KINDS
from app.config import var_folder
from app.engine import Cancelled, Stop, warm
from app.matching.partitions import PartFailed, by_dask, by_jobs, in_parts
from app.matching.run import Solver, here, run_now
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("match", help="The matching engine.")


@group.command("run")
@click.option("--kind", type=click.Choice([k.name for k in KINDS.all()]), default=None, help="One kind only.")
@click.option("--partitions", type=click.IntRange(1, 1000), default=None, help="Cut into so many parts, for several machines.")
@click.option("--engine", type=click.Choice(["jobs", "dask"]), default="jobs", help="Who solves the parts: job workers, or Dask.")
@click.option("--scheduler", default=None, help="Address of the Dask scheduler.")
@click.option("--folder", type=click.Path(path_type=Path), default=None, help="Where the parts lie; every machine must see it.")
@click.option("--deadline", type=click.IntRange(1), default=3600, help="Give up after so many seconds.")
def run(kind: str | None, partitions: int | None, engine: str, scheduler: str | None, folder: Path | None, deadline: int) -> None:
    """Match all published needs with all published listings."""
    if (engine == "dask") != (scheduler is not None):
        raise click.UsageError("--engine dask and --scheduler ADDRESS go together")
    if partitions is None and (folder is not None or engine == "dask"):
        raise click.UsageError("--folder and --engine need --partitions")
    solver: Solver = here
    if partitions is not None:
        carrier = by_jobs(bus()) if scheduler is None else by_dask(scheduler)
        solver = in_parts((folder or var_folder() / "match").resolve(), partitions, carrier)
    try:
        ref, result = run_now(bus(), kind, lambda percent, message: None, stop=Stop(deadline), solver=solver)
    except Cancelled:
        raise click.ClickException(
            f"not done within {deadline} s (--deadline); do workers see the folder, and do they run?"
        ) from None
    except (PartFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    served = int((result.feasible > 0).sum())
    click.echo(f"run {ref}: {served} of {len(result.needs)} needs have a match; input {result.input_hash[:12]}")


@group.command("warm")
def compile_kernels() -> None:
    """Compile the engine's kernels and keep them on disk."""
    warm()
    click.echo("kernels: ready")


GROUPS = (group,)
