"""`flask demo load` and `flask demo accounts`."""

from __future__ import annotations

import click
from flask import current_app

from app.demo.cast import PASSWORD, PEOPLE
from app.demo.story import is_loaded, load
from app.demo.unfinished import begun, ended, is_unfinished
from app.web.commandline import Commands
from app.web.execute import bus

group = Commands("demo", help="Demo data, for loopback only.")


@group.command("load")
def load_story() -> None:
    """Load the demo story, unless it is there."""
    settings = current_app.config["SETTINGS"]
    if not settings.demo:
        raise click.ClickException("DEMO=0: demo accounts are refused here")
    if is_unfinished(settings):
        raise click.ClickException("an earlier load was interrupted: start again with an empty database (make demo)")
    with bus().database.read() as session:
        if is_loaded(session):
            return
    begun(settings)
    load(bus(), lambda scene: click.echo(f"  demo: {scene}"), settings.files_folder)
    ended(settings)


@group.command("accounts")
def accounts() -> None:
    """The demo's sign-ins, one per role."""
    width = max(len(person.email) for person in PEOPLE)
    for person in PEOPLE:
        click.echo(f"{person.email.ljust(width)}  {PASSWORD}  {person.what.en} · {person.what.zh}")


GROUPS = (group,)
