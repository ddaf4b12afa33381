"""A large import is written, and undone, piece by piece by a job: nobody sees a part of it, an interruption loses nothing, a stop
leaves nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from app import ledger
from app.assets import Asset, AssetHost
from app.audit.models import AuditRecord
from app.db.jobs import Job
from app.db.work import Bus
from app.exchange import taking_back, writing
from app.exchange.queries import ImportView, import_detail
from app.exchange.service import CommitImport, MoveImport, commit_import, undo_import
from app.exchange.taking_back import begin_undo, delete_some
from app.exchange.targets import Subject
from app.exchange.writing import begin_commit, cancel, write_some
from app.kernel.actor import Actor
from app.listings import Listing, ListingFilter, list_listings
from app.needs import Need
from tests.integration.exchange.conftest import TOWERS, Importer, World
from tests.integration.exchange.test_imports import GOOD, OPTIONS, code, work_off
from tests.support import people
from tests.unit.exchange.making import csv

FIVE = TOWERS + "".join(f"T-{n},Shennan {n},114.0{n},22.54,lattice tower,30,3\n" for n in range(1, 6))
SEEN = ListingFilter(region="440000")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 1)
    monkeypatch.setattr(writing, "PIECE", 2)
    monkeypatch.setattr(taking_back, "AT_ONCE", 1)
    monkeypatch.setattr(taking_back, "PIECE", 2)


@pytest.fixture
def owner(bus: Bus, world: World) -> Actor:
    made = people.Made(world.power.organisation_id or 0, world.power.organisation_ref or "", "Southern Grid")
    return people.actor(bus, people.person(bus, made, "manager"))


@pytest.fixture
def view(owner: Actor, importer: Importer, tmp_path: Path) -> ImportView:
    return importer(owner, csv(tmp_path, FIVE), **OPTIONS)


def count(bus: Bus, model: type) -> int:
    with bus.database.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def state(bus: Bus, who: Actor, view: ImportView) -> tuple[str, int]:
    found = bus.ask(import_detail, who, view.ref)
    return found.status, found.made_rows


def test_it_goes_on_where_it_was_interrupted_and_opens_at_once(
    bus: Bus, world: World, owner: Actor, view: ImportView, app: Flask
) -> None:
    assert bus.execute(begin_commit, owner, CommitImport(view.ref, view.version)) is None
    assert state(bus, owner, view) == ("importing", 0)
    for again in (begin_commit, commit_import):
        assert code(bus.execute, again, owner, CommitImport(view.ref)) == "import_running"
    assert bus.execute(write_some, owner, view.ref) == (2, 5)  # a worker that was killed after its first piece
    assert state(bus, owner, view) == ("importing", 2)
    assert bus.ask(list_listings, world.carrier, SEEN).count == 0
    work_off(bus, app)
    assert state(bus, owner, view) == ("committed", 5)
    assert bus.ask(list_listings, world.carrier, SEEN).count == 5
    with bus.database.read() as session:
        names = session.scalars(select(Asset.name).order_by(Asset.id)).all()
        assert names == [f"Shennan {n}" for n in range(1, 6)]
        assert set(session.scalars(select(Asset.public_tier))) == {"T2"}
        assert session.scalar(select(func.count(Listing.id)).where(Listing.opened_at.is_not(None))) == 5
        told = session.scalars(select(AuditRecord.action).where(AuditRecord.subject_ref == view.ref)).all()
        begun = ["import.check_started", "import.checked", "import.committed", "import.started"]
        assert sorted(told) == [*begun, "import.write_started"]
    assert bus.execute(undo_import, owner, MoveImport(view.ref)) == 5
    assert count(bus, Asset) == 0


def test_a_stop_leaves_nothing_and_the_rows_can_be_imported_still(bus: Bus, owner: Actor, view: ImportView, app: Flask) -> None:
    bus.execute(begin_commit, owner, CommitImport(view.ref))
    bus.execute(write_some, owner, view.ref)
    bus.execute(cancel, owner, view.ref)
    work_off(bus, app)
    assert state(bus, owner, view) == ("checked", 0)
    assert [count(bus, model) for model in (Asset, Listing, ledger.Capacity)] == [0, 0, 0]
    bus.execute(begin_commit, owner, CommitImport(view.ref))
    work_off(bus, app)
    assert state(bus, owner, view) == ("committed", 5)


def test_a_job_that_failed_for_good_is_taken_up_or_taken_back(bus: Bus, owner: Actor, view: ImportView, app: Flask) -> None:
    bus.execute(begin_commit, owner, CommitImport(view.ref))
    bus.execute(write_some, owner, view.ref)
    with bus.database.write() as session:
        session.execute(update(Job).values(state="failed"))
    assert not bus.ask(import_detail, owner, view.ref).is_running
    bus.execute(begin_commit, owner, CommitImport(view.ref))
    assert bus.ask(import_detail, owner, view.ref).is_running
    assert state(bus, owner, view) == ("importing", 2)
    with bus.database.write() as session:
        session.execute(update(Job).values(state="failed"))
    bus.execute(cancel, owner, view.ref)
    assert state(bus, owner, view) == ("checked", 0)
    assert count(bus, Asset) == 0


def test_what_changed_meanwhile_is_said_and_nothing_stays(
    bus: Bus, owner: Actor, view: ImportView, importer: Importer, app: Flask, tmp_path: Path
) -> None:
    last = importer(owner, csv(tmp_path, GOOD.replace("T-1,", "T-5,").replace("T-2,", "T-9,"), "other.csv"), **OPTIONS)
    bus.execute(begin_commit, owner, CommitImport(view.ref))
    bus.execute(commit_import, owner, CommitImport(last.ref))
    work_off(bus, app)
    found = bus.ask(import_detail, owner, view.ref)
    assert (found.status, found.made_rows) == ("checked", 0)
    assert "changed since" in found.findings["stopped"]["en"]
    assert count(bus, Asset) == 2


def test_needs_are_submitted_at_once_and_who_lost_the_right_imports_nothing(
    bus: Bus, world: World, importer: Importer, tmp_path: Path, app: Flask
) -> None:
    made = people.Made(world.carrier.organisation_id or 0, world.carrier.organisation_ref or "", "Carrier A")
    carrier = people.actor(bus, people.person(bus, made, "manager", name="Carol"))
    text = "name,lon,lat,radius m,mounts,height,from,until\n" + "".join(
        f"Need {n},114.0{n},22.54,300,2,25,2027-01-01,2029-12-31\n" for n in range(1, 4)
    )
    path = csv(tmp_path, text, "needs.csv")
    options = {"needs_list": world.needs_list, "kind": "tower", "crs": "EPSG:4490"}
    view = importer(carrier, path, Subject.NEEDS, **options)
    assert view.sound_rows == 3, view.findings
    bus.execute(begin_commit, carrier, CommitImport(view.ref))
    bus.execute(write_some, carrier, view.ref)
    with bus.database.read() as session:
        assert set(session.scalars(select(Need.status))) == {"draft"}
    work_off(bus, app)
    with bus.database.read() as session:
        assert set(session.scalars(select(Need.status))) == {"submitted"}
        assert None not in session.scalars(select(Need.submitted_on)).all()
    again = importer(world.carrier, path, Subject.NEEDS, **options)  # of somebody whose membership is none
    bus.execute(begin_commit, replace(world.carrier), CommitImport(again.ref))
    work_off(bus, app)
    assert state(bus, world.carrier, again) == ("checked", 0)
    assert count(bus, Need) == 3


@pytest.fixture
def written(bus: Bus, owner: Actor, view: ImportView, app: Flask) -> ImportView:
    bus.execute(begin_commit, owner, CommitImport(view.ref))
    work_off(bus, app)
    return view


def test_an_undo_hides_all_at_once_and_goes_on_where_its_worker_was_killed(
    bus: Bus, world: World, owner: Actor, written: ImportView, app: Flask
) -> None:
    with bus.database.write() as session:  # one of its towers stands on another, which goes in an earlier piece
        first, *_rest, last = session.scalars(select(Asset.id).order_by(Asset.id)).all()
        session.add(AssetHost(asset_id=last, host_id=first))
    assert bus.execute(begin_undo, owner, MoveImport(written.ref)) is None
    assert state(bus, owner, written) == ("undoing", 5)
    assert bus.ask(list_listings, world.carrier, SEEN).count == 0
    with bus.database.read() as session:
        assert set(session.execute(select(Listing.status, Asset.public_tier).join(Listing.asset))) == {("withdrawn", None)}
    assert code(bus.execute, begin_undo, owner, MoveImport(written.ref)) == "undo_running"
    assert bus.execute(delete_some, owner, written.ref) == (2, 2, 5)  # a worker that was killed after its first piece
    assert [count(bus, model) for model in (Asset, Listing)] == [3, 3]
    with bus.database.write() as session:
        session.execute(update(Job).values(state="failed"))
    assert not bus.ask(import_detail, owner, written.ref).is_running
    assert bus.execute(begin_undo, owner, MoveImport(written.ref)) is None
    assert bus.ask(import_detail, owner, written.ref).is_running
    work_off(bus, app)
    assert state(bus, owner, written)[0] == "undone"
    assert [count(bus, model) for model in (Asset, Listing, ledger.Capacity, AssetHost)] == [0, 0, 0, 0]
    with bus.database.read() as session:
        undone = session.scalars(select(AuditRecord).where(AuditRecord.action == "import.undone")).one()
        assert undone.after["rows"] == 5
        begun = select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "import.undo_started")
        assert session.scalar(begun) == 2


def test_what_comes_in_the_way_of_an_undo_is_said_and_it_goes_on_once_it_is_gone(
    bus: Bus, owner: Actor, written: ImportView, app: Flask
) -> None:
    bus.execute(begin_undo, owner, MoveImport(written.ref))
    with bus.database.write() as session:
        last = session.scalars(select(Asset).order_by(Asset.id.desc())).first()
        assert last is not None
        place = {"region": "440300", "geom": last.geom}
        other = Asset(owner_id=last.owner_id, kind="tower", name="Other", created_at=last.created_at, **place)
        session.add(other)
        session.flush()
        session.add(AssetHost(asset_id=other.id, host_id=last.id))
        other_id = other.id
    work_off(bus, app)
    found = bus.ask(import_detail, owner, written.ref)
    assert (found.status, found.is_running, found.findings["taken_back"]) == ("undoing", False, 4)
    assert "rests on what was imported" in found.findings["stopped"]["en"]
    assert code(bus.execute, begin_undo, owner, MoveImport(written.ref)) == "undo_blocked"
    with bus.database.write() as session:
        session.execute(delete(AssetHost).where(AssetHost.asset_id == other_id))
    bus.execute(begin_undo, owner, MoveImport(written.ref))
    work_off(bus, app)
    after = bus.ask(import_detail, owner, written.ref)
    assert (after.status, "stopped" in after.findings) == ("undone", False)
    assert count(bus, Asset) == 1


def test_entries_that_name_each_other_are_taken_back_in_pieces(
    bus: Bus, world: World, importer: Importer, tmp_path: Path, app: Flask
) -> None:
    text = "name,lon,lat,radius m,mounts,height,from,until\n" + "".join(
        f"Need {n},114.0{n},22.54,300,2,25,2027-01-01,2029-12-31\n" for n in range(1, 4)
    )
    options = {"needs_list": world.needs_list, "kind": "tower", "crs": "EPSG:4490"}
    view = importer(world.carrier, csv(tmp_path, text, "needs.csv"), Subject.NEEDS, **options)
    bus.execute(commit_import, world.carrier, CommitImport(view.ref))
    with bus.database.write() as session:
        first, *_rest, last = session.scalars(select(Need).order_by(Need.id)).all()
        last.status, last.outcome, last.merged_into_id = "left", "merged", first.id
    assert bus.execute(begin_undo, world.carrier, MoveImport(view.ref)) is None
    with bus.database.read() as session:
        assert set(session.execute(select(Need.status, Need.outcome))) == {("left", "withdrawn")}
    work_off(bus, app)  # whoever asked has left since
    assert state(bus, world.carrier, view)[0] == "undone"
    assert count(bus, Need) == 0
