"""`flask accounts …`: the first administrator, organisations and tokens, from the operator's terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import select

from app.accounts import service
from app.accounts.access_tokens import CreateToken, create_token
from app.accounts.acting import actor_for, choices, choose
from app.accounts.directory import organisation_by_ref
from app.accounts.models import Organisation, User
from app.accounts.rules import KINDS, SCOPES, TOKEN_LIFE_MAX_DAYS
from app.catalogue.sectors import SECTORS
from app.db.work import Reader, UnitOfWork
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.errors import DomainError
from app.web.commandline import Commands, refused
from app.web.execute import bus

group = Commands("accounts", help="Organisations, people and tokens.")
GROUPS = [group]
PLATFORM_NAME, PLATFORM_NAME_ZH = "Platform operator", "平台运营方"


@group.command("create-admin")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.password_option()
def create_admin(email: str, name: str, password: str) -> None:
    """Make an administrator of the platform."""
    first = First(email, name, password)
    try:
        bus().ask(check, SYSTEM, first)
        platform = bus().ask(platform_ref, SYSTEM) or made_organisation(
            {"name": PLATFORM_NAME, "name_zh": PLATFORM_NAME_ZH, "sector": "other", "kind": "platform"}
        )
        click.echo(appoint(first, platform, Role.ADMINISTRATOR))
    except DomainError as error:
        raise refused(error) from None


@dataclass(frozen=True, slots=True)
class First:
    """The first administrator of an organisation."""

    email: str
    name: str
    password: str | None


def check(reader: Reader, who: First) -> None:
    """Before anything is made: each of what follows is an act of its own, with a record of its own. Raises `invalid`, `email_taken`."""
    service.check_person(reader, email=who.email, name=who.name, password=who.password)


def platform_ref(reader: Reader) -> str | None:
    return reader.session.scalar(select(Organisation.ref).where(Organisation.kind == "platform").order_by(Organisation.id))


def made_organisation(facts: dict[str, Any], parent: str | None = None) -> str:
    def use_case(work: UnitOfWork, command: None) -> str:
        above = organisation_by_ref(work.session, parent) if parent else None
        return service.create_organisation(work, parent=above, **facts).ref

    return bus().execute(use_case, SYSTEM, None)


def appoint(who: First, organisation: str, role: str) -> str:
    """Make the person, and a member of the organisation; the person's reference."""

    def engage(work: UnitOfWork, command: None) -> str:
        return service.create_person(work, email=who.email, name=who.name, password=who.password).ref

    def join(work: UnitOfWork, person: str) -> None:
        made = work.session.scalars(select(User).where(User.ref == person)).one()
        service.add_membership(work, made, organisation_by_ref(work.session, organisation), role)

    person = bus().execute(engage, SYSTEM, None)
    bus().execute(join, SYSTEM, person)
    return person


@group.command("create-organisation")
@click.option("--name", required=True)
@click.option("--name-zh")
@click.option("--sector", required=True, type=click.Choice(list(SECTORS)))
@click.option("--kind", default="company", type=click.Choice(KINDS))
@click.option("--parent", help="Reference of the organisation above.")
@click.option("--home-region")
@click.option("--profile", default="cn-default", show_default=True)
@click.option("--admin-email", help="Make a first administrator of the organisation; prompts for a password.")
@click.option("--admin-name")
def create_organisation(
    name: str,
    name_zh: str | None,
    sector: str,
    kind: str,
    parent: str | None,
    home_region: str | None,
    profile: str,
    admin_email: str | None,
    admin_name: str | None,
) -> None:
    """Add an organisation and print its reference."""
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True) if admin_email else None
    facts = {"name": name, "name_zh": name_zh, "sector": sector, "kind": kind, "home_region": home_region, "profile": profile}
    first = First(admin_email, admin_name or admin_email, password) if admin_email else None
    try:
        if first is not None:
            bus().ask(check, SYSTEM, first)
        made = made_organisation(facts, parent)
        if first is not None:
            appoint(first, made, Role.ADMINISTRATOR if kind == "platform" else Role.ADMIN)
        click.echo(made)
    except DomainError as error:
        raise refused(error) from None


@group.command("create-token")
@click.option("--email", required=True, help="The person whom the token stands for.")
@click.option("--organisation", required=True, help="Reference or exact name of the organisation acted for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=("read",), show_default=True)
@click.option("--name", default="command line", show_default=True)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, TOKEN_LIFE_MAX_DAYS))
def create_api_token(email: str, organisation: str, scopes: tuple[str, ...], name: str, days: int) -> None:
    """Make an API token and print it, once."""
    try:
        actor = bus().ask(person_acting_for, SYSTEM, email, organisation)
        made = bus().execute(create_token, actor, CreateToken(name, frozenset(scopes), days))
    except DomainError as error:
        raise refused(error) from None
    click.echo(made.text)


def person_acting_for(reader: Reader, email: str, organisation: str) -> Actor:
    """The actor of the person for the organisation. Raises `ClickException` naming what is not there."""
    user = service.person_by_email(reader, email)
    if user is None or user.status != "active":
        raise click.ClickException(f"there is no active account {email}")
    found = choices(reader.session, user.id, reader.today)
    ref = next(
        (c.organisation.ref for c in found if organisation in (c.organisation.ref, c.organisation.name, c.organisation.name_zh)),
        "",
    )
    try:
        return actor_for(reader.session, user, choose(found, ref))
    except LookupError:
        raise click.ClickException(f"{email} cannot act for {organisation}") from None
