"""An import into a needs list keeps to what that list asks of its entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db.work import Bus
from app.exchange.queries import ImportView, import_problems
from app.exchange.service import CommitImport, commit_import
from app.exchange.targets import Subject
from app.kernel.actor import Actor
from app.kernel.errors import DomainError
from app.needs import NeedsList
from app.needs.keeping.models import ListInvitation
from tests.integration.exchange.conftest import Importer, World
from tests.support.places import MADE_AT
from tests.unit.exchange.making import csv


def test_an_import_keeps_to_what_the_list_asks(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    """Its kinds, what each entry must state, whom it invites; what it asks anew after the check makes the check stale."""
    text = (
        "organisation,type,title,lon,lat,radius_m,start,end,mounts,height_m,rack_units,budget\n"
        "Carrier A,tower,One,114.0579,22.5431,300,2027-01-01,2029-12-31,2,25,,40000\n"
        "Carrier A,tower,Two,114.0589,22.5431,300,2027-01-01,2029-12-31,2,25,,\n"
        "Carrier A,room,Three,114.0579,22.5431,300,2027-01-01,2029-12-31,,,8,40000\n"
    )
    options: dict[str, Any] = {"crs": "EPSG:4326", "needs_list": world.needs_list}

    def ask(**terms: Any) -> None:
        with bus.database.write() as session:
            row = session.scalars(select(NeedsList).where(NeedsList.ref == world.needs_list)).one()
            row.version += 1
            for name, value in terms.items():
                setattr(row, name, value)

    ask(kinds=["tower"], must_state=["budget_minor", "room.backup_min"])
    view = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, **options)
    assert found_in(bus, world.carrier, view) == [("list_asks", 3), ("list_takes", 4)]
    drafts = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, **options, opens=False)
    assert found_in(bus, world.carrier, drafts) == [("list_takes", 4)]
    ask(must_state=["budget_minor"])
    with pytest.raises(DomainError) as error:
        bus.execute(commit_import, world.carrier, CommitImport(view.ref, rows="valid"))
    assert error.value.code == "import_stale"
    ask(audience="invited")
    closed = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, **options)
    assert found_in(bus, world.carrier, closed) == [("list_invites", 2), ("list_invites", 3), ("list_takes", 4)]
    with bus.database.write() as session:
        row = session.scalars(select(NeedsList).where(NeedsList.ref == world.needs_list)).one()
        session.add(ListInvitation(needs_list_id=row.id, organisation_id=world.carrier.organisation_id, invited_at=MADE_AT))
    invited = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, **options)
    assert bus.execute(commit_import, world.carrier, CommitImport(invited.ref, rows="valid")) == 1


def found_in(bus: Bus, actor: Actor, view: ImportView) -> list[tuple[str, int | None]]:
    return [(one.code, one.row) for one in bus.ask(import_problems, actor, view.ref).rows]
