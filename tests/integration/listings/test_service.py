"""Listings from draft to withdrawal, on both databases: who may, what is refused, what everybody sees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
import shapely
from sqlalchemy import select

from app.assets import Asset, EditAsset, MoveAsset, asset_detail, edit_asset, move_asset, register_asset
from app.catalogue.tiers import Tier
from app.db.work import Bus
from app.disclosure import cell_of, grant, snapped
from app.kernel.actor import Actor, Role
from app.kernel.errors import DomainError
from app.listings import (
    LIFE,
    CreateListing,
    EditListing,
    Listing,
    ListingFilter,
    MoveListing,
    Near,
    create_listing,
    edit_listing,
    hidden_cells,
    list_listings,
    listing_detail,
    move_listing,
)
from tests.support import market
from tests.support.places import organisation


@dataclass
class World:
    bus: Bus
    grid: Actor
    city: Actor
    carrier: Actor
    authority: Actor
    far_authority: Actor
    owner_id: int
    carrier_id: int


@pytest.fixture
def world(bus: Bus) -> World:
    with bus.database.write() as session:
        grid, carrier = organisation(session, "Southern Grid", "power"), organisation(session, "Carrier")
        city = organisation(session, "Grid Shenzhen", "power", parent_id=grid.id)
        gd, bj = (
            organisation(session, "Guangdong CA", "other", kind="authority"),
            organisation(session, "Beijing CA", "other", kind="authority"),
        )
        return World(
            bus,
            market.acting(grid, below=(city,)),
            market.acting(city),
            market.acting(carrier),
            market.administration(gd, "440000"),
            market.administration(bj, "110000"),
            grid.id,
            carrier.id,
        )


def opened(world: World, **more: object) -> str:
    command = CreateListing(
        market.terms(**{k: v for k, v in more.items() if k not in DRAFT}),
        asset=market.tower_draft(**{k: v for k, v in more.items() if k in DRAFT}),
        publish=True,
    )
    return world.bus.execute(create_listing, world.grid, command).ref


DRAFT = {"geometry", "grade", "name", "attributes", "capacity", "owner_ref", "address"}


def code(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def pointers(error: pytest.ExceptionInfo[DomainError]) -> set[str | None]:
    return {problem.pointer for problem in error.value.problems}


def test_an_asset_and_its_first_listing_open_in_one_step(world: World) -> None:
    ref = opened(world)
    found = world.bus.ask(listing_detail, world.carrier, ref)
    assert (found.status, found.asset.face.region, found.asset.face.tier) == ("published", "440304", Tier.T2)
    assert {o.dimension.name: (o.total, o.offered, o.free) for o in found.opened} == {
        "platform": (3, 3, 3),
        "load_kg": (400, 400, 400),
    }
    assert found.asset.attributes["antenna_top_limit_m"] == 35
    assert "antenna_top_limit_m" in found.asset.derived


def test_every_problem_of_both_halves_is_told_at_once(world: World) -> None:
    draft = market.tower_draft(name="", attributes={"structure": "castle"}, capacity={"platform": 1.5})
    with pytest.raises(DomainError) as error:
        world.bus.execute(
            create_listing, world.grid, CreateListing(market.terms(title="", offered={"load_kg": -1}, tier="T3"), asset=draft)
        )
    assert pointers(error) == {
        "/asset/name",
        "/asset/attributes/structure",
        "/asset/attributes/structure_height_m",
        "/asset/capacity/platform",
        "/title",
        "/offered/load_kg",
        "/tier",
    }


def test_nothing_is_offered_that_is_not_there(world: World) -> None:
    with pytest.raises(DomainError) as error:
        world.bus.execute(
            create_listing, world.grid, CreateListing(market.terms(offered={"platform": 4}), asset=market.tower_draft())
        )
    assert pointers(error) == {"/offered/platform"}
    with world.bus.database.read() as session:
        assert session.scalar(select(Asset.id)) is None


def test_a_place_outside_the_profile_is_refused(world: World) -> None:
    with pytest.raises(DomainError) as error:
        world.bus.execute(register_asset, world.grid, market.tower_draft(geometry=shapely.Point(2.35, 48.85)))
    assert pointers(error) == {"/geometry"}


@pytest.mark.parametrize(("state", "action", "target"), list(LIFE.matrix()))
def test_every_action_from_every_state(world: World, state: str, action: str, target: str | None) -> None:
    ref = opened(world)
    with world.bus.database.write() as session:
        listing = session.scalars(select(Listing)).one()
        listing.status = state
    if target is None:
        with pytest.raises(DomainError) as error:
            world.bus.execute(move_listing, world.grid, MoveListing(ref, 1, action))
        assert code(error) == "illegal_transition"
    else:
        assert world.bus.execute(move_listing, world.grid, MoveListing(ref, 1, action)).status == target


def test_what_everybody_sees_follows_the_life_of_the_listing(world: World) -> None:
    ref = world.bus.execute(create_listing, world.grid, CreateListing(market.terms(), asset=market.tower_draft())).ref
    with pytest.raises(DomainError) as error:
        world.bus.ask(listing_detail, world.carrier, ref)
    assert code(error) == "not_found"
    with pytest.raises(DomainError):
        world.bus.ask(listing_detail, world.authority, ref)
    world.bus.execute(move_listing, world.grid, MoveListing(ref, 1, "publish"))
    asset = world.bus.ask(listing_detail, world.carrier, ref).asset.ref
    assert world.bus.ask(asset_detail, world.carrier, asset).face.tier is Tier.T2
    world.bus.execute(move_listing, world.grid, MoveListing(ref, 2, "suspend"))
    for query, what in ((listing_detail, ref), (asset_detail, asset)):
        with pytest.raises(DomainError) as error:
            world.bus.ask(query, world.carrier, what)
        assert code(error) == "not_found"
    assert world.bus.ask(asset_detail, world.authority, asset).face.tier is Tier.T2
    with pytest.raises(DomainError):
        world.bus.ask(asset_detail, world.far_authority, asset)


def test_others_cannot_change_what_they_see_nor_know_what_they_do_not(world: World) -> None:
    ref = opened(world)
    with pytest.raises(DomainError) as error:
        world.bus.execute(move_listing, world.carrier, MoveListing(ref, 1, "withdraw"))
    assert code(error) == "forbidden"
    world.bus.execute(move_listing, world.grid, MoveListing(ref, 1, "withdraw"))
    with pytest.raises(DomainError) as error:
        world.bus.execute(move_listing, world.carrier, MoveListing(ref, 2, "withdraw"))
    assert code(error) == "not_found"


def test_an_editor_drafts_and_a_manager_opens(world: World) -> None:
    editor = replace(world.grid, roles=frozenset({Role.EDITOR}))
    ref = world.bus.execute(create_listing, editor, CreateListing(market.terms(), asset=market.tower_draft())).ref
    world.bus.execute(edit_listing, editor, EditListing(ref, 1, {"title": "Better"}))
    for command in (
        lambda: world.bus.execute(move_listing, editor, MoveListing(ref, 2, "publish")),
        lambda: world.bus.execute(
            create_listing, editor, CreateListing(market.terms(), asset=market.tower_draft(), publish=True)
        ),
        lambda: world.bus.execute(create_listing, editor, CreateListing(market.terms(), asset=market.tower_draft(grade="core"))),
    ):
        with pytest.raises(DomainError) as error:
            command()
        assert code(error) == "forbidden"
    world.bus.execute(move_listing, world.grid, MoveListing(ref, 2, "publish"))
    with pytest.raises(DomainError) as error:
        world.bus.execute(edit_listing, editor, EditListing(ref, 3, {"title": "Best"}))
    assert code(error) == "forbidden"


def test_a_branch_reaches_its_own_and_headquarters_reach_below(world: World) -> None:
    ref = world.bus.execute(create_listing, world.city, CreateListing(market.terms(), asset=market.tower_draft())).ref
    assert world.bus.execute(edit_listing, world.grid, EditListing(ref, 1, {"title": "Ours"})).title == "Ours"
    above = opened(world, owner_ref="HQ-1")
    with pytest.raises(DomainError) as error:
        world.bus.execute(edit_listing, world.city, EditListing(above, 1, {"title": "Ours"}))
    assert code(error) == "forbidden"


def test_an_edit_names_the_version_it_saw(world: World) -> None:
    ref = opened(world)
    assert world.bus.execute(edit_listing, world.grid, EditListing(ref, 1, {"price_minor": 5})).version == 2
    with pytest.raises(DomainError) as error:
        world.bus.execute(edit_listing, world.grid, EditListing(ref, 1, {"price_minor": 6}))
    assert code(error) == "stale_version"


def test_an_approximate_listing_shows_its_cell_and_answers_from_it(world: World) -> None:
    ref = opened(
        world,
        tier="T1",
        address="1 Shennan Road",
        attributes={"structure": "monopole", "structure_height_m": 35, "utilisation_pct": 60},
    )
    seen = world.bus.ask(listing_detail, world.carrier, ref).face
    assert seen.geometry.equals(snapped(market.SHENZHEN))
    assert (seen.name, seen.address, seen.owner_ref) == (None, None, None)
    assert "utilisation_pct" not in seen.attributes
    assert world.bus.ask(listing_detail, world.grid, ref).face.attributes["utilisation_pct"] == 60
    exact, cell = market.SHENZHEN, snapped(market.SHENZHEN)
    apart = ListingFilter(near=Near.at(exact.x, exact.y, 1.0)), ListingFilter(near=Near.at(cell.x, cell.y, 1.0))
    assert [world.bus.ask(list_listings, world.carrier, f).count for f in apart] == [0, 1]


@pytest.mark.parametrize(
    ("tier", "grade", "seen"),
    [("T2", "important", Tier.T1), ("T2", "core", None), ("T0", "general", None), ("T1", "general", Tier.T1)],
)
def test_the_grade_lowers_what_others_see(world: World, tier: str, grade: str, seen: Tier | None) -> None:
    ref = opened(world, tier=tier, grade=grade)
    rows = world.bus.ask(list_listings, world.carrier, ListingFilter()).rows
    assert [row.face.tier for row in rows] == ([] if seen is None else [seen])
    cells = world.bus.ask(hidden_cells, world.carrier, (113.0, 22.0, 115.0, 23.0))
    assert [cell.count for cell in cells] == ([1] if seen is None else [])
    if seen is None:
        with pytest.raises(DomainError) as error:
            world.bus.ask(listing_detail, world.carrier, ref)
        assert code(error) == "not_found"


def test_a_grant_opens_one_asset_to_one_organisation(world: World) -> None:
    ref = opened(world, grade="core")
    asset_id = world.bus.ask(listing_detail, world.grid, ref).asset.face.id
    world.bus.execute(
        lambda work, _: grant(work, asset_id, world.carrier_id, Tier.T2, "access request", None, "r" * 13), world.grid, None
    )
    assert world.bus.ask(listing_detail, world.carrier, ref).face.tier is Tier.T2
    assert world.bus.ask(list_listings, world.carrier, ListingFilter()).count == 1


def test_the_listing_follows_its_asset(world: World) -> None:
    ref = opened(world, tier="T1")
    asset = world.bus.ask(listing_detail, world.grid, ref).asset
    moved = shapely.Point(116.39, 39.91)
    world.bus.execute(edit_asset, world.grid, EditAsset(asset.ref, 1, {"geometry": moved, "grade": "core"}))
    with world.bus.database.read() as session:
        listing = session.scalars(select(Listing)).one()
        assert (listing.region, listing.face_tier) == ("110101", "T0")
        assert cell_of(listing.face_geom.x, listing.face_geom.y) == cell_of(116.39, 39.91)
        assert listing.asset.public_tier == "T0"


def test_capacity_is_stated_through_the_ledger_and_never_below_what_is_taken(world: World) -> None:
    ref = opened(world)
    asset = world.bus.ask(listing_detail, world.grid, ref).asset
    from app import ledger
    from app.kernel.timewindow import Window

    window = Window(date(2026, 8, 1), date(2027, 8, 1))
    world.bus.execute(
        lambda work, _: ledger.add_baseline(work, asset.face.id, {"load_kg": 150_000}, window, "An earlier tenant"),
        world.grid,
        None,
    )
    with pytest.raises(DomainError) as error:
        world.bus.execute(edit_asset, world.grid, EditAsset(asset.ref, 1, {"capacity": {"load_kg": 100}}))
    assert code(error) == "capacity_in_use"
    least = [
        ListingFilter(free=(("load_kg", amount),), free_from=date(2026, 9, 1), free_until=date(2026, 10, 1))
        for amount in (250.0, 251.0)
    ]
    assert [world.bus.ask(list_listings, world.carrier, f).count for f in least] == [1, 0]
    before = ListingFilter(free=(("load_kg", 400.0),), free_from=date(2026, 7, 1), free_until=date(2026, 8, 1))
    assert world.bus.ask(list_listings, world.carrier, before).count == 1


def test_retired_assets_cannot_be_opened(world: World) -> None:
    asset = world.bus.execute(register_asset, world.grid, market.tower_draft())
    world.bus.execute(move_asset, world.grid, MoveAsset(asset.ref, 1, "retire"))
    with pytest.raises(DomainError) as error:
        world.bus.execute(create_listing, world.grid, CreateListing(market.terms(), asset_ref=asset.ref, publish=True))
    assert code(error) == "asset_not_openable"


@pytest.mark.parametrize("sort", ["created", "-created", "title", "-title", "price", "-price", "near"])
def test_pages_meet_without_gap_or_double(world: World, sort: str) -> None:
    for number in range(7):
        opened(
            world,
            title=f"Title {number % 3}",
            price_minor=None if number == 3 else number % 2,
            geometry=shapely.Point(114.05 + number / 900, 22.54),
        )
    wanted = ListingFilter(near=Near.at(114.05, 22.54, 5000)) if sort == "near" else ListingFilter(sort=sort)
    whole = [row.ref for row in world.bus.ask(list_listings, world.carrier, wanted).rows]
    assert len(whole) == 7
    walked, after, pages = [], None, []
    while True:
        page = world.bus.ask(list_listings, world.carrier, wanted, after=after, limit=3)
        walked += [row.ref for row in page.rows]
        pages.append(page)
        after = page.after
        if after is None:
            break
    assert walked == whole
    back = world.bus.ask(list_listings, world.carrier, wanted, before=pages[2].before, limit=3)
    assert [row.ref for row in back.rows] == whole[3:6]
    first = world.bus.ask(list_listings, world.carrier, wanted, before=back.before, limit=3)
    assert ([row.ref for row in first.rows], first.before) == (whole[:3], None)
