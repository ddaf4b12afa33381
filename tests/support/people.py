"""Organisations and people for tests: made by the same service as everywhere, signed in through the same door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import passwords, service
from app.accounts.access_tokens import CreateToken, create_token
from app.accounts.acting import actor_for, choices, choose
from app.accounts.directory import organisation_by_ref
from app.accounts.models import User
from app.accounts.passwords import hash_password
from app.db.work import Bus, Reader, UnitOfWork
from app.kernel.actor import SYSTEM, Actor, Role

PASSWORD = "correct horse battery"
PAGE = {"Accept": "text/html"}
REAL, QUICK = passwords.HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def password_hash() -> str:
    """Hashed once for the whole run."""
    return hash_password(PASSWORD)


@contextmanager
def hashing(hasher: PasswordHasher) -> Iterator[None]:
    """While it lasts, passwords are hashed so."""
    before = passwords.HASHER

    def take(one: PasswordHasher) -> None:
        passwords.HASHER = one
        for kept in (password_hash, passwords._nobody):
            kept.cache_clear()

    take(hasher)
    try:
        yield
    finally:
        take(before)


@dataclass(frozen=True, slots=True)
class Made:
    """An organisation or a person, by what tests need of it."""

    id: int
    ref: str
    name: str


def organisation(bus: Bus, name: str = "City Power", *, sector: str = "power", parent: Made | None = None, **rest: Any) -> Made:
    def use_case(work: UnitOfWork, command: None) -> Made:
        above = organisation_by_ref(work.session, parent.ref) if parent else None
        made = service.create_organisation(work, name=name, sector=sector, parent=above, **rest)
        return Made(made.id, made.ref, made.name)

    return bus.execute(use_case, SYSTEM, None)


def person(
    bus: Bus,
    of: Made | None,
    role: str = Role.ADMIN,
    *,
    email: str | None = None,
    name: str = "Li Wei",
    regions: tuple[str, ...] = (),
    locale: str = "en",
) -> Made:
    """A person with PASSWORD; without `email` one that is made of the name."""
    address = email or f"{name.lower().replace(' ', '.')}@example.com"

    def use_case(work: UnitOfWork, command: None) -> Made:
        made = service.create_person(work, email=address, name=name, locale=locale, password_hash=password_hash())
        if of is not None:
            service.add_membership(work, made, organisation_by_ref(work.session, of.ref), role, regions)
        return Made(made.id, made.ref, address)

    return bus.execute(use_case, SYSTEM, None)


def member(bus: Bus, who: Made, of: Made, role: str, regions: tuple[str, ...] = ()) -> None:
    """Another membership of the same person."""

    def use_case(work: UnitOfWork, command: None) -> None:
        service.add_membership(work, work.session.get_one(User, who.id), organisation_by_ref(work.session, of.ref), role, regions)

    bus.execute(use_case, SYSTEM, None)


def actor(bus: Bus, who: Made, acting_for: Made | None = None) -> Actor:
    """The actor of the person, as a request of theirs would have it."""

    def query(reader: Reader) -> Actor:
        found = choose(choices(reader.session, who.id, reader.today), acting_for.ref if acting_for else None)
        return actor_for(reader.session, reader.session.get_one(User, who.id), found)

    return bus.ask(query, SYSTEM)


def csrf(client: FlaskClient, path: str = "/sign-in") -> str:
    """The CSRF token of the page's forms."""
    page = client.get(path, headers=PAGE, follow_redirects=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, f"{path} has no form: {page.status_code}"
    return found[1]


def post(client: FlaskClient, path: str, data: dict[str, Any] | None = None, *, page: str = "/account") -> Any:
    """Send a form as a browser does, with the token of `page`."""
    return client.post(path, data={"csrf_token": csrf(client, page), **(data or {})}, headers=PAGE)


def signed_in(app: Flask, who: Made, password: str = PASSWORD) -> FlaskClient:
    """A browser in which the person has signed in."""
    client = app.test_client()
    answer = post(client, "/sign-in", {"email": who.name, "password": password}, page="/sign-in")
    assert answer.status_code == 303, answer.text
    return client


def made_token(bus: Bus, who: Made, *scopes: str, days: int = 90) -> str:
    """The text of a new API token of the person."""
    return bus.execute(create_token, actor(bus, who), CreateToken("test", frozenset(scopes or ("read",)), days)).text


def bearer(text: str) -> dict[str, str]:
    """The header that a program sends."""
    return {"Authorization": f"Bearer {text}"}
