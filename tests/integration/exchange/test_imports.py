"""The life of an import: checked, committed as a whole, remembered, undone; on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import ledger
from app.accounts import Organisation
from app.assets import Asset
from app.audit.models import AuditRecord
from app.bootstrap import job_handlers
from app.db.jobs import Job, Worker
from app.db.work import Bus, UnitOfWork
from app.exchange import files
from app.exchange.checking import ask_for_check, cancel_check, check_import
from app.exchange.fixing import Fix
from app.exchange.models import ImportProblem, ImportRow
from app.exchange.queries import import_detail, import_problems, list_imports
from app.exchange.service import (
    CommitImport,
    FixImport,
    MoveImport,
    SettleImport,
    commit_import,
    discard_import,
    fix_import,
    settle_import,
    undo_import,
)
from app.exchange.targets import Subject
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.kernel.timewindow import FAR, Window
from app.listings import Listing, ListingFilter, list_listings
from app.needs import Need
from tests.integration.exchange.conftest import TOWERS, Importer, World
from tests.support import people
from tests.unit.exchange.making import csv

GOOD = TOWERS + "T-1,Shennan 1,114.05,22.54,lattice tower,30,3\nT-2,Shennan 2,114.06,22.55,monopole,25,2\n"
OPTIONS = {"kind": "tower", "crs": "EPSG:4490"}


def code(call: object, *args: object) -> str:
    with pytest.raises(DomainError) as error:
        call(*args)  # type: ignore[operator]
    return error.value.code


def recorded(bus: Bus, ref: str) -> list[tuple[str, object, object]]:
    """Each record of an import: what happened, what was before, the status after."""
    about = (AuditRecord.subject_type == "import", AuditRecord.subject_ref == ref)
    with bus.database.read() as session:
        rows = session.execute(
            select(AuditRecord.action, AuditRecord.before, AuditRecord.after).where(*about).order_by(AuditRecord.id)
        )
        return [(action, before, after.get("status")) for action, before, after in rows]


def test_each_step_of_an_import_is_recorded_once(bus: Bus, world: World, importer: Importer, tmp_path: Path, app: Flask) -> None:
    path = csv(tmp_path, GOOD)
    view = importer(world.power, path, **OPTIONS)
    bus.execute(settle_import, world.power, SettleImport(view.ref, view.version, {"crs": "GCJ-02"}))
    bus.execute(fix_import, world.power, FixImport(view.ref, (Fix(path.name, 2, "A", "T-9"),)))
    bus.execute(ask_for_check, world.power, view.ref)
    bus.execute(ask_for_check, world.power, view.ref)
    with app.app_context():
        check_import(bus, world.power, view.ref)
    bus.execute(discard_import, world.power, MoveImport(view.ref))
    assert recorded(bus, view.ref) == [
        ("import.started", {}, None),
        ("import.check_started", {"status": "uploaded"}, "checking"),
        ("import.checked", {}, None),
        ("import.settled", {"status": "checked", "crs": "EPSG:4490"}, "uploaded"),
        ("import.settled", {"fixes": []}, None),
        ("import.check_started", {"status": "uploaded"}, "checking"),
        ("import.checked", {}, None),
        ("import.discarded", {}, None),
    ]


def test_listings_from_a_file(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, GOOD), provenance="surveyed", **OPTIONS)
    assert (view.status, view.read_rows, view.sound_rows, view.problem_count) == ("checked", 2, 2, 0)
    assert bus.execute(commit_import, world.power, CommitImport(view.ref, view.version)) == 2
    with bus.database.read() as session:
        listings = session.scalars(select(Listing).order_by(Listing.title)).all()
        first, asset = listings[0], listings[0].asset
        assert (first.title, first.status, first.provenance, first.owner_id) == (
            "Shennan 1",
            "published",
            "surveyed",
            world.power.organisation_id,
        )
        assert (asset.owner_ref, asset.region[:4], asset.declared_crs, asset.provenance) == (
            "T-1",
            "4403",
            "EPSG:4490",
            "surveyed",
        )
        assert (asset.attributes["structure"], asset.attributes["structure_height_m"]) == ("lattice", 30.0)
        assert set(asset.assumed) == {"access_rule", "end", "power_type", "start", "status", "wind_area_basis"}
        assert (first.window_start, first.window_end) == (date(2026, 7, 1), FAR)
        totals = session.execute(
            select(ledger.Capacity.dimension, ledger.Capacity.total_milli).where(ledger.Capacity.asset_id == asset.id)
        )
        assert [tuple(row) for row in totals] == [("platform", 3000)]
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
        jobs = session.scalars(select(Job.key)).all()
        assert "match.kind:tower" in jobs
        records = select(AuditRecord.action).where(AuditRecord.subject_type == "import").order_by(AuditRecord.id)
        assert session.scalars(records).all() == ["import.started", "import.check_started", "import.checked", "import.committed"]
    assert bus.ask(list_listings, world.carrier, ListingFilter(kind="tower")).count == 2


def test_wrong_rows_hold_all_back_unless_only_sound_ones_are_asked_for(
    bus: Bus, world: World, importer: Importer, tmp_path: Path
) -> None:
    path = csv(tmp_path, GOOD + "T-3,x,114.05,abc,lattice,30,3\nT-4,y,2.35,48.85,lattice,30,3\n")
    view = importer(world.power, path, **OPTIONS)
    assert (view.read_rows, view.sound_rows, view.problem_count) == (4, 2, 2)
    problems = bus.ask(import_problems, world.power, view.ref)
    assert [(p.row, p.column, p.code) for p in problems.rows] == [(4, "D", "not_angle"), (5, "C", "outside_crs")]
    assert code(bus.execute, commit_import, world.power, CommitImport(view.ref)) == "import_has_problems"
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Asset)) == 0
    assert bus.execute(commit_import, world.power, CommitImport(view.ref, rows="valid")) == 2
    assert code(bus.execute, commit_import, world.power, CommitImport(view.ref, rows="valid")) == "illegal_transition"


def test_rows_are_judged_against_what_is_there(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    bus.execute(commit_import, world.power, CommitImport(importer(world.power, csv(tmp_path, GOOD), **OPTIONS).ref))
    rows = (
        "T-1,Southern Grid,114.05,22.54",
        "T-9,南方供电,114.05,22.54",
        "T-9,Carrier A,114.05,22.54",
        "T-8,Nobody,114.05,22.54",
        "T-7,Southern Grid,100.5,13.75",
    )
    text = "id,owner,lon,lat,platforms\n" + "".join(f"{row},1\n" for row in rows)
    view = importer(world.power, csv(tmp_path, text, "second.csv"), kind="tower", crs="EPSG:4326")
    problems = bus.ask(import_problems, world.power, view.ref).rows
    assert [(p.row, p.column, p.code) for p in problems] == [
        (2, "A", "reference_taken"),
        (4, "B", "not_yours"),
        (5, "B", "unknown_organisation"),
        (6, "C", "outside_regions"),
    ]
    assert view.sound_rows == 1


def test_what_changed_since_the_check_is_refused_as_a_whole(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    first = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)
    second = importer(world.power, csv(tmp_path, GOOD, "again.csv"), **OPTIONS)
    bus.execute(commit_import, world.power, CommitImport(first.ref))
    assert code(bus.execute, commit_import, world.power, CommitImport(second.ref)) == "import_stale"
    assert bus.ask(import_detail, world.power, second.ref).status == "checked"
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Asset)) == 2


def test_a_whole_import_is_undone(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)
    bus.execute(commit_import, world.power, CommitImport(view.ref))
    assert bus.execute(undo_import, world.power, MoveImport(view.ref)) == 2
    with bus.database.read() as session:
        for model in (Asset, Listing, ledger.Capacity):
            assert session.scalar(select(func.count()).select_from(model)) == 0
    after = bus.ask(import_detail, world.power, view.ref)
    assert (after.status, after.undone_at is not None) == ("undone", True)
    again = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)
    assert bus.execute(commit_import, world.power, CommitImport(again.ref)) == 2


def test_undo_is_refused_with_the_names_of_what_is_in_the_way(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)
    bus.execute(commit_import, world.power, CommitImport(view.ref))
    with bus.database.read() as session:
        asset_id = session.scalars(select(Asset.id).order_by(Asset.id)).first()
    holder = ledger.Holder("access_request", "request000001")

    def hold(work: UnitOfWork, _: None) -> None:
        window = Window(date(2026, 8, 1), date(2027, 8, 1))
        ledger.hold(work, asset_id or 0, "tower", {"platform": 1000}, window, holder, work.now.replace(year=2027))

    bus.execute(hold, SYSTEM, None)
    with pytest.raises(DomainError) as error:
        bus.execute(undo_import, world.power, MoveImport(view.ref))
    assert error.value.code == "undo_blocked"
    assert "access request request000001" in error.value.text.en
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Listing)) == 2


def test_the_nature_of_a_need_is_read_and_names_what_it_rests_on(
    bus: Bus, world: World, importer: Importer, tmp_path: Path
) -> None:
    rows = ("运营商甲,电信,普遍服务,第九批", "运营商甲,电信,应急,", "运营商甲,电信,,", "运营商甲,电信,一般,")
    text = "单位名称,所属行业,需求性质,备注,需求类型,经度,纬度,半径,数量,开始,结束\n" + "".join(
        f"{row},铁塔,114.05,22.54,300,1,2027-01-01,2031-12-31\n" for row in rows
    )
    options = {"crs": "GCJ-02", "needs_list": world.needs_list, "new_organisations": True}
    view = importer(world.administration, csv(tmp_path, text), Subject.NEEDS, **options)
    problems = bus.ask(import_problems, world.administration, view.ref).rows
    assert [(p.row, p.column, p.code) for p in problems] == [(3, "C", "purpose_without_note")]
    assert bus.execute(commit_import, world.administration, CommitImport(view.ref, rows="valid")) == 3
    with bus.database.read() as session:
        kept = session.execute(select(Need.purpose, Need.note).order_by(Need.id)).all()
    assert [tuple(row) for row in kept] == [("universal_service", "第九批"), ("general", None), ("general", None)]


def test_needs_of_everybody_by_the_administration(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    rows = ("运营商甲,电信,铁塔,114.05,22.54,300,1", "地铁公司,交通,机房,114.06,22.55,300,8", ",,铁塔,114.05,22.54,300,1")
    text = "单位名称,所属行业,需求类型,经度,纬度,半径,数量,开始,结束\n" + "".join(
        f"{row},2027-01-01,2031-12-31\n" for row in rows
    )
    options = {"crs": "GCJ-02", "needs_list": world.needs_list}
    view = importer(world.administration, csv(tmp_path, text), Subject.NEEDS, **options)
    problems = bus.ask(import_problems, world.administration, view.ref).rows
    assert [(p.row, p.column, p.code) for p in problems] == [(3, "A", "unknown_organisation"), (4, "A", "no_organisation")]
    view = importer(world.administration, csv(tmp_path, text), Subject.NEEDS, new_organisations=True, **options)
    assert bus.execute(commit_import, world.administration, CommitImport(view.ref, rows="valid")) == 2
    with bus.database.read() as session:
        needs = session.scalars(select(Need).order_by(Need.id)).all()
        metro = session.scalar(select(Organisation).where(Organisation.name == "地铁公司"))
        assert metro is not None
        assert metro.sector == "transport"
        assert [need.organisation_id for need in needs] == [world.carrier.organisation_id, metro.id]
        assert [(n.status, n.declared_crs, n.quantity, n.quantity_outstanding, n.window_end) for n in needs] == [
            ("submitted", "GCJ-02", 1, 1, date(2032, 1, 1)),
            ("submitted", "GCJ-02", 8, 8, date(2032, 1, 1)),
        ]
        assert all("alternative" in need.assumed and need.alternative for need in needs)
    assert bus.execute(undo_import, world.administration, MoveImport(view.ref)) == 2


def test_an_organisation_brings_only_its_own_needs(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    text = "name,kind,lon,lat,radius,quantity,start,end\nsite,tower,114.05,22.54,300,1,2027-01-01,2031-12-31\n"
    view = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, crs="EPSG:4326", needs_list=world.needs_list, opens=False)
    assert bus.execute(commit_import, world.carrier, CommitImport(view.ref)) == 1
    with bus.database.read() as session:
        need = session.scalars(select(Need)).one()
        assert (need.organisation_id, need.status, need.alternative) == (world.carrier.organisation_id, "draft", None)
    other = text.replace("name,", "organisation,name,").replace("site,", "Southern Grid,site,")
    refused = importer(
        world.carrier, csv(tmp_path, other), Subject.NEEDS, crs="EPSG:4326", needs_list=world.needs_list, new_organisations=True
    )
    assert [p.code for p in bus.ask(import_problems, world.carrier, refused.ref).rows] == ["not_yours"]


def test_a_list_that_collects_no_more_takes_nothing(
    bus: Bus, world: World, importer: Importer, tmp_path: Path, clock: object
) -> None:
    text = "kind,lon,lat,radius,quantity,start,end\ntower,114.05,22.54,300,1,2027-01-01,2031-12-31\n"
    view = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, crs="EPSG:4326", needs_list=world.needs_list)
    clock.instant = clock.instant.replace(month=10)  # type: ignore[attr-defined]
    assert code(bus.execute, commit_import, world.carrier, CommitImport(view.ref)) == "round_not_collecting"
    late = importer(world.carrier, csv(tmp_path, text), Subject.NEEDS, crs="EPSG:4326", needs_list=world.needs_list)
    assert [p.code for p in bus.ask(import_problems, world.carrier, late.ref).rows] == ["round_not_collecting"]


def test_a_mapping_is_remembered_for_the_organisation(
    bus: Bus, world: World, importer: Importer, tmp_path: Path, app: Flask
) -> None:
    text = "nr;what;easting;northing;how high;art;mounts\n1;a;114.05;22.54;30;Gittermast;2\n"
    settled = {
        "columns": {"what": "title", "how high": "structure_height_m", "art": "structure"},
        "values": {"structure": {"Gittermast": "lattice"}},
    }
    first = importer(world.power, csv(tmp_path, text), **OPTIONS)
    bus.execute(settle_import, world.power, SettleImport(first.ref, first.version, settled))
    with app.app_context():
        check_import(bus, world.power, first.ref)
    assert bus.execute(commit_import, world.power, CommitImport(first.ref)) == 1
    second = importer(world.power, csv(tmp_path, text.replace("1;a", "2;b"), "next.csv"), **OPTIONS)
    assert (second.sound_rows, second.problem_count) == (1, 0)
    assert {c["label"]: c["target"] for c in second.findings["columns"]["next.csv"]}["how high"] == "structure_height_m"
    bus.execute(commit_import, world.power, CommitImport(second.ref))
    with bus.database.read() as session:
        assert [a.attributes["structure_height_m"] for a in session.scalars(select(Asset))] == [30.0, 30.0]
    stranger = importer(world.carrier, csv(tmp_path, text, "other.csv"), **OPTIONS)
    assert {c["label"]: c["target"] for c in stranger.findings["columns"]["other.csv"]}["how high"] is None


def test_a_file_that_cannot_be_read_fails_with_its_reason(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, "<html></html>", "page.xlsx"), **OPTIONS)
    assert (view.status, view.problem_count) == ("failed", 1)
    assert bus.ask(import_problems, world.power, view.ref).rows[0].code == "web_page"
    assert code(bus.execute, commit_import, world.power, CommitImport(view.ref)) == "illegal_transition"
    bus.execute(discard_import, world.power, MoveImport(view.ref))
    assert bus.ask(import_detail, world.power, view.ref).status == "discarded"


def test_problems_are_paged(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, TOWERS + "".join(f"N-{n},t,x,22.5,lattice,30,1\n" for n in range(250))), **OPTIONS)
    first = bus.ask(import_problems, world.power, view.ref, limit=100)
    second = bus.ask(import_problems, world.power, view.ref, after=first.after, limit=100)
    third = bus.ask(import_problems, world.power, view.ref, after=second.after, limit=100)
    assert [len(page.rows) for page in (first, second, third)] == [100, 100, 50]
    assert (first.before, second.first, third.after) == (None, 101, None)
    assert bus.ask(import_problems, world.power, view.ref, before=second.before, limit=100).rows == first.rows


def test_others_see_no_import(bus: Bus, world: World, importer: Importer, tmp_path: Path) -> None:
    view = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)
    for call in (import_detail, import_problems):
        assert code(bus.ask, call, world.carrier, view.ref) in ("not_found", "forbidden")
    assert code(bus.execute, commit_import, world.carrier, CommitImport(view.ref)) in ("not_found", "forbidden")
    assert bus.ask(list_imports, world.carrier).count == 0
    assert bus.ask(list_imports, world.power).count == 1
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportProblem)) == 0


def work_off(bus: Bus, app: Flask) -> None:
    with app.app_context():
        worker = Worker(bus.database, bus.clock, job_handlers(bus))
        while worker.run_one():
            pass


def test_a_check_that_runs_as_a_job_can_be_stopped(
    bus: Bus, world: World, importer: Importer, tmp_path: Path, app: Flask
) -> None:
    member = people.person(
        bus, people.Made(world.power.organisation_id or 0, world.power.organisation_ref or "", "Southern Grid")
    )
    actor = people.actor(bus, member)
    view = importer(actor, csv(tmp_path, GOOD), **OPTIONS)
    bus.execute(ask_for_check, actor, view.ref)
    assert bus.ask(import_detail, actor, view.ref).is_running
    bus.execute(cancel_check, actor, view.ref)
    work_off(bus, app)
    stopped = bus.ask(import_detail, actor, view.ref)
    assert (stopped.status, stopped.sound_rows, stopped.job.state if stopped.job else None) == ("failed", 0, "cancelled")
    bus.execute(ask_for_check, actor, view.ref)
    work_off(bus, app)
    assert bus.ask(import_detail, actor, view.ref).sound_rows == 2


def test_who_may_no_longer_act_has_nothing_checked(
    bus: Bus, world: World, importer: Importer, tmp_path: Path, app: Flask
) -> None:
    view = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)  # an actor whose membership is none
    bus.execute(ask_for_check, world.power, view.ref)
    work_off(bus, app)
    assert bus.ask(import_detail, world.power, view.ref).status == "failed"


def test_files_are_forgotten_in_time(
    bus: Bus,
    world: World,
    importer: Importer,
    tmp_path: Path,
    app: Flask,
    clock: FixedClock,
) -> None:
    kept = importer(world.power, csv(tmp_path, GOOD), **OPTIONS)
    given_up = importer(world.power, csv(tmp_path, GOOD, "same bytes.csv"), **OPTIONS)
    with app.app_context():
        path = files.path_of(kept.sha256)
    bus.execute(discard_import, world.power, MoveImport(given_up.ref))
    work_off(bus, app)
    assert path.exists()
    clock.advance(timedelta(days=32))
    work_off(bus, app)
    assert not path.exists()
    assert bus.ask(import_detail, world.power, kept.ref).status == "discarded"
    assert recorded(bus, kept.ref)[-1] == ("import.discarded", {"status": "checked"}, "discarded")
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
