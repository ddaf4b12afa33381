"""Actors, a needs list and a way to import, for the tests of imports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import CompetenceGrant, User
from app.db.work import Bus
from app.exchange import files
from app.exchange.checking import check_import
from app.exchange.decisions import Decisions
from app.exchange.queries import ImportView, import_detail
from app.exchange.service import StartImport, start_import
from app.exchange.targets import Subject
from app.kernel.actor import Actor
from app.needs import NeedsList
from tests.support import market
from tests.support.places import MADE_AT, organisation

TOWERS = "id,name,lon,lat,structure type,height,platforms\n"


@dataclass(frozen=True)
class World:
    """A power company, a carrier, and the administration of Guangdong with its list."""

    power: Actor
    carrier: Actor
    administration: Actor
    needs_list: str


@pytest.fixture
def world(bus: Bus) -> World:
    with bus.database.write() as session:
        power = organisation(session, "Southern Grid", "power", name_zh="南方供电")
        carrier = organisation(session, "Carrier A", "telecom", name_zh="运营商甲")
        office = organisation(session, "Guangdong Communications Administration", "telecom", kind="authority")
        session.add(
            CompetenceGrant(
                organisation_id=office.id,
                authority="communications",
                level="province",
                sectors=[],
                regions=["440000"],
                host_kinds=[],
            )
        )
        listed = NeedsList(
            administration_id=office.id,
            region="440000",
            name="2026 Q3",
            name_zh="2026年第三季度",
            opens_on=date(2026, 6, 1),
            closes_on=date(2026, 9, 1),
            created_at=MADE_AT,
        )
        session.add(listed)
        session.flush()
        actors = (market.acting(power), market.acting(carrier), market.administration(office, "440000"))
        power_, carrier_, office_ = (_person(session, actor) for actor in actors)
        return World(power_, carrier_, office_, listed.ref)


def _person(session: Session, actor: Actor) -> Actor:
    """The actor as somebody who is there: an import keeps who brought it."""
    person = User(email=f"{actor.organisation_ref}@example.org", name=actor.name, created_at=MADE_AT)
    session.add(person)
    session.flush()
    return replace(actor, user_id=person.id, user_ref=person.ref)


Importer = Callable[..., ImportView]


@pytest.fixture
def importer(bus: Bus, app: Flask) -> Importer:
    """Start and check an import as the actor; options are `Decisions`."""

    def run(
        actor: Actor,
        path: Path,
        subject: Subject = Subject.LISTINGS,
        *,
        needs_list: str | None = None,
        provenance: str = "declared",
        **options: Any,
    ) -> ImportView:
        with app.app_context(), path.open("rb") as stream:
            kept = files.keep(stream, path.name)
            ref = bus.execute(start_import, actor, StartImport(subject, kept, Decisions(**options), provenance, needs_list))
            check_import(bus, actor, ref)
        return bus.ask(import_detail, actor, ref)

    return run
