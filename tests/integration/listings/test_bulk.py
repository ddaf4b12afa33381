"""Imports of many rows: the same faces, totals and rules as one by one, and undone as a whole."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
import shapely
from sqlalchemy import event, func, select

from app import ledger
from app.assets import Asset
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import Actor
from app.kernel.errors import DomainError
from app.kernel.timewindow import FAR, Window
from app.listings import (
    BulkListing,
    CreateListing,
    Listing,
    ListingFilter,
    Near,
    create_listing,
    delete_imported,
    insert_listings,
    list_listings,
    listing_detail,
)
from tests.support import market
from tests.support.places import organisation


@pytest.fixture
def owner(bus: Bus) -> Actor:
    with bus.database.write() as session:
        return market.acting(organisation(session, "Southern Grid", "power"))


@pytest.fixture
def one(owner: Actor) -> BulkListing:
    return BulkListing(
        kind="tower",
        name="Shennan 12",
        owner_id=owner.organisation_id or 0,
        sector="power",
        wkb=shapely.to_wkb(market.SHENZHEN),
        region="440304",
        cell_region="440304",
        window_start=date(2026, 7, 1),
        window_end=FAR,
        currency="CNY",
        attributes={"structure": "monopole", "structure_height_m": 35.0},
        totals={"platform": 3, "load_kg": 400},
        offered={"platform": 2},
        price_minor=1_200_000,
        tier="T1",
        owner_ref="A-1",
        assumed=("structure",),
    )


def insert(bus: Bus, actor: Actor, rows: list[BulkListing], *, published: bool = True, import_id: int = 7) -> int:
    def use_case(work: UnitOfWork, _: None) -> int:
        return insert_listings(work, iter(rows), import_id=import_id, provenance="derived", published=published)

    return bus.execute(use_case, actor, None)


def test_a_row_becomes_what_one_would_have_made_by_hand(bus: Bus, owner: Actor, one: BulkListing) -> None:
    assert insert(bus, owner, [one]) == 1
    by_hand = market.terms(title="Shennan 12", offered={"platform": 2}, tier="T1")
    draft = market.tower_draft(owner_ref="A-2", attributes={"structure": "monopole", "structure_height_m": 35.0})
    made = bus.execute(create_listing, owner, CreateListing(by_hand, asset=draft, publish=True))
    with bus.database.read() as session:
        rows = session.scalars(select(Listing).order_by(Listing.id)).all()
        same = (
            "status",
            "region",
            "sector",
            "face_tier",
            "face_region",
            "title",
            "offered",
            "window_end",
            "price_minor",
            "currency",
            "owner_id",
            "tier",
        )
        assert [getattr(rows[0], name) for name in same] == [getattr(rows[1], name) for name in same]
        assert rows[0].face_geom.equals(rows[1].face_geom)
        assert rows[0].geom.equals(rows[1].geom)
        assert (rows[0].asset.public_tier, rows[0].asset.cell_region, rows[0].asset.assumed) == ("T1", "440304", ["structure"])
        first = rows[0].ref
    imported = bus.ask(listing_detail, owner, first)
    assert [(o.dimension.name, o.total, o.offered, o.free) for o in imported.opened] == [
        (o.dimension.name, o.total, o.offered, o.free) for o in made.opened
    ]


def test_what_cannot_be_open_stays_a_draft(bus: Bus, owner: Actor, one: BulkListing) -> None:
    insert(
        bus,
        owner,
        [replace(one, status="retired"), replace(one, owner_ref="A-4", totals={}, offered={}), replace(one, owner_ref="A-5")],
    )
    with bus.database.read() as session:
        assert [row.status for row in session.scalars(select(Listing).order_by(Listing.id))] == ["draft", "draft", "published"]
        assert [row.public_tier for row in session.scalars(select(Asset).order_by(Asset.id))] == [None, None, "T1"]


def test_an_import_is_undone_as_a_whole_unless_something_rests_on_it(bus: Bus, owner: Actor, one: BulkListing) -> None:
    insert(bus, owner, [one, replace(one, owner_ref="A-6")])
    insert(bus, owner, [replace(one, owner_ref="B-1")], import_id=8)
    assert bus.execute(lambda work, number: delete_imported(work, number), owner, 7) == 2
    with bus.database.read() as session:
        assert [row.owner_ref for row in session.scalars(select(Asset))] == ["B-1"]
        assert session.scalar(select(func.count()).select_from(ledger.Capacity)) == 2
        asset_id = session.scalar(select(Asset.id))
    holder = ledger.Holder("access_request", "r" * 13)

    def hold(work: UnitOfWork, _: None) -> None:
        ledger.hold(
            work,
            asset_id,
            "tower",
            {"platform": 1000},
            Window(date(2026, 8, 1), date(2027, 8, 1)),
            holder,
            work.now.replace(year=2027),
        )

    bus.execute(hold, owner, None)
    with pytest.raises(DomainError) as error:
        bus.execute(lambda work, number: delete_imported(work, number), owner, 8)
    assert error.value.code == "import_in_use"


def test_a_host_of_another_asset_is_not_taken_away(bus: Bus, owner: Actor, one: BulkListing) -> None:
    insert(bus, owner, [one])
    with bus.database.read() as session:
        ref = session.scalar(select(Asset.ref))
    bus.execute(create_listing, owner, CreateListing(market.terms(), asset=market.tower_draft(hosted_by=(ref,))))
    with pytest.raises(DomainError) as error:
        bus.execute(lambda work, number: delete_imported(work, number), owner, 7)
    assert error.value.code == "import_in_use"
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Listing)) == 2


def test_many_rows_are_a_matter_of_seconds(bus: Bus, owner: Actor, one: BulkListing) -> None:
    """The bound is generous: it catches a query per row, not a slow machine."""
    rows = [
        replace(one, owner_ref=f"N-{n}", wkb=shapely.to_wkb(shapely.Point(113.9 + n % 100 / 500, 22.55 + n // 100 / 1000)))
        for n in range(6_000)
    ]
    began = time.monotonic()
    assert insert(bus, owner, rows) == 6_000
    assert time.monotonic() - began < 20
    assert bus.ask(list_listings, owner, ListingFilter(near=Near.at(114.0, 22.56, 1500))).count > 0


def test_prices_on_request_in_between_cost_no_statements(bus: Bus, owner: Actor, one: BulkListing) -> None:
    """A NULL in some rows must not split the insert at every change."""
    asked: list[str] = []
    event.listen(bus.database.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    rows = [
        replace(one, owner_ref=f"A-{n}", price_minor=None if n % 2 else n, cell_region=None if n % 3 else "440304")
        for n in range(60)
    ]
    assert insert(bus, owner, rows) == 60
    assert sum(statement.startswith("INSERT INTO listing") for statement in asked) == 1
