"""`flask deadlines`: years of calendars, provisional dates, and the proof that what was counted can be counted again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from app.deadlines.arrangement import read_year
from app.deadlines.calendars import LoadYear, load_year, publish_years
from app.deadlines.jobs import recount_all
from app.deadlines.replay import Replayed, replay
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.web.commandline import Commands
from app.web.execute import bus

deadlines_group = Commands("deadlines", help="Clocks.")
GROUPS = (deadlines_group,)


@deadlines_group.command("recompute")
def recompute() -> None:
    """Take over years that were published, and count every provisional date again."""
    click.echo(f"{bus().execute(publish_years, SYSTEM, None)} years published")
    done = recount_all(bus())
    click.echo(f"{done['deadline.confirmed']} dates are firm now, {done['deadline.recounted']} moved and are provisional still")


@deadlines_group.command("load-year")
@click.argument("calendar")
@click.argument("year", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--citation", required=True, help="The document that publishes the arrangement.")
def load(calendar: str, year: int, file: Path, citation: str) -> None:
    """Load the arrangement of a YEAR of a CALENDAR from a CSV FILE: date, kind (off or workday), name_en, name_zh."""
    try:
        number = bus().execute(load_year, SYSTEM, LoadYear(calendar, year, read_year(file.read_bytes()), citation))
    except DomainError as error:
        lines = [f"line {one.row}: {one.detail.en}" if one.row else one.detail.en for one in error.problems]
        raise click.ClickException("\n".join([error.text.en, *lines])) from error
    click.echo(f"{calendar} {year} is kept as version {number}")
    done = recount_all(bus())
    click.echo(f"{done['deadline.confirmed']} dates are firm now, {done['deadline.recounted']} moved and are provisional still")


@deadlines_group.command("replay")
@click.option("--subject", nargs=2, default=None, help="Only the clocks of one subject: its type and reference.")
@click.option("--at", "instant", type=click.DateTime(), default=None, help="As it stood at this instant, UTC. Else: always.")
def replayed(subject: tuple[str, str] | None, instant: datetime | None) -> None:
    """Count every deadline again, as of every change or of one instant, and compare with what was stored. Fails on a difference."""
    at = instant.replace(tzinfo=UTC) if instant else None
    found = bus().ask(replay, SYSTEM, subject, at)
    for one in found:
        if instant or not one.agrees:
            click.echo(_line(one))
    differing = sum(not one.agrees for one in found)
    click.echo(f"{len(found)} states of {len({one.deadline for one in found})} deadlines counted again, {differing} differ")
    if differing:
        raise click.exceptions.Exit(1)


def _line(one: Replayed) -> str:
    verdict = "as stored" if one.agrees else f"DIFFERS: {', '.join(one.differs)}"
    return f"{one.subject_type} {one.subject_ref} {one.rule} {one.at:%Y-%m-%dT%H:%MZ} {one.status} due {one.due_on} {verdict}"
