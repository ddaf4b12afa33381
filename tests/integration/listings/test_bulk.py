"""Imports of many rows: the same faces, totals and rules as one by one, and undone as a whole."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
import shapely
from sqlalchemy import func, select

from app import ledger
from app.accounts.models import Organisation
from app.assets import Asset, asset_detail
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import Actor, Role
from app.kernel.errors import DomainError
from app.kernel.timewindow import Window
from app.listings import (
    BulkResult,
    CreateListing,
    Listing,
    ListingDraft,
    ListingFilter,
    Near,
    bulk_problems,
    bulk_register,
    bulk_undo,
    create_listing,
    list_listings,
    listing_detail,
)
from tests.support import market
from tests.support.places import organisation

ONE = ListingDraft(
    kind="tower", name="Shennan 12", geometry=market.SHENZHEN, attributes={"structure": "monopole", "structure_height_m": 35.0},
    totals={"platform": 3, "load_kg": 400}, offered={"platform": 2}, window_start=date(2026, 7, 1), price_minor=1_200_000, tier="T1", owner_ref="A-1",
    assumed=("structure",),
)


@pytest.fixture
def owner(bus: Bus) -> Actor:
    with bus.database.write() as session:
        organisation(session, "Carrier")
        return market.acting(organisation(session, "Southern Grid", "power"))


def register(bus: Bus, actor: Actor, drafts: list[ListingDraft], *, publish: bool = True, import_id: int = 7) -> BulkResult:
    def use_case(work: UnitOfWork, _: None) -> BulkResult:
        return bulk_register(work, actor.organisation_id or 0, drafts, import_id, provenance="derived", publish=publish)

    return bus.execute(use_case, actor, None)


def test_a_row_becomes_what_one_would_have_made_by_hand(bus: Bus, owner: Actor) -> None:
    result = register(bus, owner, [ONE])
    assert (result.assets, result.kinds, result.regions) == (1, frozenset({"tower"}), frozenset({"440304"}))
    by_hand = market.terms(title="Shennan 12", offered={"platform": 2}, tier="T1")
    draft = market.tower_draft(owner_ref="A-2", attributes={"structure": "monopole", "structure_height_m": 35.0})
    made = bus.execute(create_listing, owner, CreateListing(by_hand, asset=draft, publish=True))
    with bus.database.read() as session:
        rows = session.scalars(select(Listing).order_by(Listing.id)).all()
        same = ("status", "region", "sector", "face_tier", "face_region", "title", "offered", "window_end", "price_minor", "currency", "owner_id", "tier")
        assert [getattr(rows[0], name) for name in same] == [getattr(rows[1], name) for name in same]
        assert rows[0].face_geom.equals(rows[1].face_geom)
        assert (rows[0].asset.public_tier, rows[0].asset.cell_region, rows[0].asset.assumed) == ("T1", made.asset.face.region, ["structure"])
        first = rows[0].ref
    imported = bus.ask(listing_detail, owner, first)
    assert [(o.dimension.name, o.total, o.offered, o.free) for o in imported.opened] == [(o.dimension.name, o.total, o.offered, o.free) for o in made.opened]


def test_what_only_the_register_knows_is_told_row_by_row(bus: Bus, owner: Actor) -> None:
    register(bus, owner, [ONE])
    drafts = [ONE, replace(ONE, owner_ref="A-3"), replace(ONE, owner_ref="A-3"), replace(ONE, owner_ref=None, geometry=shapely.Point(2, 48))]
    found = bus.ask(bulk_problems, owner, owner.organisation_id, drafts)
    assert {place: [p.code for p in problems] for place, problems in found.items()} == {0: ["owner_ref_taken"], 2: ["owner_ref_taken"], 3: ["outside_regions"]}
    with pytest.raises(DomainError) as error:
        register(bus, owner, drafts)
    assert error.value.code == "invalid"
    with bus.database.read() as session:
        assert session.scalar(select(func.count(Asset.id))) == 1


def test_what_cannot_be_open_stays_a_draft(bus: Bus, owner: Actor) -> None:
    register(bus, owner, [replace(ONE, status="retired"), replace(ONE, owner_ref="A-4", totals={}, offered={})])
    with bus.database.read() as session:
        assert [row.status for row in session.scalars(select(Listing))] == ["draft", "draft"]
        assert [row.public_tier for row in session.scalars(select(Asset))] == [None, None]


@pytest.mark.parametrize(("role", "publish", "allowed"), [
    (Role.VIEWER, False, False), (Role.EDITOR, False, True), (Role.EDITOR, True, False), (Role.MANAGER, True, True),
])
def test_roles_hold_for_imports_too(bus: Bus, owner: Actor, role: Role, publish: bool, allowed: bool) -> None:
    actor = replace(owner, roles=frozenset({role}))
    if allowed:
        register(bus, actor, [ONE], publish=publish)
        return
    with pytest.raises(DomainError) as error:
        register(bus, actor, [ONE], publish=publish)
    assert error.value.code == "forbidden"


def test_a_region_beyond_the_role_is_refused(bus: Bus, owner: Actor) -> None:
    register(bus, replace(owner, regions=frozenset({"440300"})), [ONE])
    with pytest.raises(DomainError):
        register(bus, replace(owner, regions=frozenset({"440100"})), [replace(ONE, owner_ref="A-5")])


def test_an_import_is_undone_as_a_whole_unless_something_rests_on_it(bus: Bus, owner: Actor) -> None:
    register(bus, owner, [ONE, replace(ONE, owner_ref="A-6")])
    register(bus, owner, [replace(ONE, owner_ref="B-1")], import_id=8)
    assert bus.execute(bulk_undo, owner, 7) == 2
    with bus.database.read() as session:
        assert [row.owner_ref for row in session.scalars(select(Asset))] == ["B-1"]
        assert session.scalar(select(func.count()).select_from(ledger.Capacity)) == 2
        asset_id = session.scalar(select(Asset.id))
    holder = ledger.Holder("access_request", "r" * 13)

    def hold(work: UnitOfWork, _: None) -> None:
        ledger.hold(work, asset_id, "tower", {"platform": 1000}, Window(date(2026, 8, 1), date(2027, 8, 1)), holder, work.now.replace(year=2027))

    bus.execute(hold, owner, None)
    with pytest.raises(DomainError) as error:
        bus.execute(bulk_undo, owner, 8)
    assert error.value.code == "import_in_use"


def test_a_host_of_another_asset_is_not_taken_away(bus: Bus, owner: Actor) -> None:
    register(bus, owner, [ONE])
    with bus.database.read() as session:
        ref = session.scalar(select(Asset.ref))
    bus.execute(create_listing, owner, CreateListing(market.terms(), asset=market.tower_draft(hosted_by=(ref,))))
    with pytest.raises(DomainError) as error:
        bus.execute(bulk_undo, owner, 7)
    assert error.value.code == "import_in_use"
    assert bus.ask(asset_detail, owner, ref).face.owner_ref == "A-1"


def test_a_hundred_thousand_rows_are_a_matter_of_seconds(bus: Bus, owner: Actor) -> None:
    """A tenth of it here; the bench measures the whole. The bound is generous: it catches a query per row, not a slow machine."""
    drafts = [replace(ONE, owner_ref=f"N-{n}", geometry=shapely.Point(113.9 + n % 100 / 500, 22.55 + n // 100 / 1000)) for n in range(10_000)]
    began = time.monotonic()
    assert register(bus, owner, drafts).listings == 10_000
    took = time.monotonic() - began
    assert took < 20
    with bus.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 2
    page = bus.ask(list_listings, owner, ListingFilter(near=Near(114.0, 22.56, 1500)))
    assert page.count > 0
