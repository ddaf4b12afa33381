"""The loader by columns makes the very problem that the plain one makes row by row: the same hash, on both engines."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.assets.models import Asset
from app.catalogue.declaration import AssetKind, Dimension, Field, Sort
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.session import Database
from app.db.work import Bus
from app.engine import MISSING, Problem, ProblemError, problem_from_rows
from app.engine.compile import encode, encode_numbers
from app.kernel.text import Text
from app.ledger.models import Capacity, Claim
from app.listings.models import Listing
from app.matching import columns
from app.matching.source import Scope, listing_rows, load_problem, need_rows, roots
from app.matching.source_seen import See, Sight
from app.needs.models import Need, NeedsList
from tests.support import places
from tests.unit.engine.oracle import THING

DAY = date(2026, 1, 1)
NUMBERS = (0, 1, 12.5, 0.0005, 0.0015, 12.0005, 99.9995, 2.675, 33.333, 100)


def a_value(dice: random.Random, declared: Field) -> Any:
    if declared.type == "choice":
        return dice.choice(declared.choices).value
    if declared.type == "boolean":
        return dice.random() < 0.5
    if declared.type == "text":
        return dice.choice(("a", "楼", 'quo"te'))
    if declared.type == "integer":
        return dice.randrange(0, 20)
    return dice.choice(NUMBERS) if dice.random() < 0.5 else round(dice.uniform(0, 120), dice.randrange(0, 7))


def values_of(dice: random.Random, fields: tuple[Field, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {f.name: a_value(dice, f) for f in fields if dice.random() < 0.6}
    if dice.random() < 0.1:
        found |= dict.fromkeys(list(found)[:1])
    return found


def a_place(dice: random.Random, forms: tuple[str, ...]) -> shapely.Geometry:
    x, y = dice.uniform(113, 115), dice.uniform(22, 23)
    form = dice.choice(forms)
    if form in ("point", "circle"):
        return shapely.Point(x, y)
    if form in ("line", "route"):
        line = shapely.LineString([(x, y), (x + dice.uniform(0.001, 0.01), y), (x + 0.01, y + 0.01)])
        return line if form == "route" or dice.random() < 0.7 else shapely.MultiLineString([line, [(x, y + 1), (x, y + 1.01)]])
    return shapely.box(x, y, x + 0.01, y + dice.uniform(0.001, 0.01))


def days(dice: random.Random) -> tuple[date, date]:
    start = DAY + timedelta(days=dice.randrange(0, 900))
    return start, date(9999, 12, 31) if dice.random() < 0.2 else start + timedelta(days=dice.randrange(1, 2000))


def amount(dice: random.Random, dimension: Dimension) -> float:
    return dice.randrange(0, 8) if dimension.sort is Sort.SLOTS else dice.choice((0, 0.0005, 1.0015, 7.25, 400, 12.3456))


def fill(bus: Bus, seed: int, listings: int = 60, needs: int = 40) -> None:
    dice, kinds = random.Random(seed), KINDS.all()
    with bus.database.write() as session:
        head = places.organisation(session, "Head", profile="cn-default")
        branch = places.organisation(session, "Branch", profile="eu-gia", parent_id=head.id)
        leaf = places.organisation(session, "Leaf", profile="us-fcc", parent_id=branch.id)
        owners = [head, branch, leaf, places.organisation(session, "Other", "power", profile="cn-default")]
        assets = [an_asset(session, dice, dice.choice(owners), dice.choice(kinds)) for _ in range(listings * 3 // 4)]
        for n in range(listings):
            a_listing(session, dice, assets[n % len(assets)])
        listed = NeedsList(
            administration_id=head.id, region="440000", name="N", opens_on=DAY, closes_on=DAY + timedelta(days=9), created_at=places.MADE_AT
        )  # fmt: skip
        session.add(listed)
        session.flush()
        for n in range(needs):
            a_need(session, dice, dice.choice(owners), dice.choice(kinds), listed.id, n)


def an_asset(session: Any, dice: random.Random, owner: Organisation, kind: AssetKind) -> Asset:
    limits = {d.name: dice.choice(NUMBERS) for d in kind.dimensions if d.sort is Sort.LIMIT and dice.random() < 0.5}
    made = places.asset(
        session, owner, kind.name, geom=a_place(dice, tuple(g.value for g in kind.geometry)), attributes=values_of(dice, kind.attributes) | limits
    )  # fmt: skip
    for dimension in kind.dimensions:
        if dimension.sort is not Sort.LIMIT and dice.random() < 0.7:
            total = round(amount(dice, dimension) * 1000)
            session.add(Capacity(asset_id=made.id, dimension=dimension.name, sort=dimension.sort.value, total_milli=total))
            session.flush()
            claims(session, dice, made.id, dimension, total)
    return made


def claims(session: Any, dice: random.Random, asset_id: int, dimension: Dimension, total: int) -> None:
    """Never more than there is: on its own day each."""
    taken = DAY
    for n in range(dice.randrange(0, 4) if total >= 1000 else 0):
        taken += timedelta(days=dice.randrange(1, 300))
        until = taken + timedelta(days=dice.randrange(1, 200))
        row = {
            "asset_id": asset_id, "dimension": dimension.name, "kind": "baseline", "holder_type": "occupant", "holder_ref": f"t{n}",
            "slot": dice.randrange(1, total // 1000 + 1) if dimension.sort is Sort.SLOTS else None, "created_at": places.MADE_AT,
            "amount_milli": 1000 if dimension.sort is Sort.SLOTS else dice.randrange(1, total + 1), "starts": taken, "ends": until,
            "state": dice.choice(("active", "active", "ended")),
        }  # fmt: skip
        session.execute(insert(Claim), [row])
        taken = until


def rough(dice: random.Random, place: shapely.Geometry) -> shapely.Geometry:
    """A public face: somewhere about the place, of another form now and then."""
    around = shapely.Point(round(place.centroid.x, 2), round(place.centroid.y, 2))
    return around.buffer(0.01).envelope if dice.random() < 0.3 else around


def a_listing(session: Any, dice: random.Random, asset: Asset) -> None:
    kind, (start, end) = KINDS[asset.kind], days(dice)
    offered = {d.name: amount(dice, d) for d in kind.dimensions if dice.random() < 0.4}
    session.add(
        Listing(
            asset_id=asset.id, owner_id=asset.owner_id, kind=asset.kind, region="440300", sector="power", title="L", geom=asset.geom,
            status=dice.choice(("published", "published", "published", "draft")), offered=offered, window_start=start, window_end=end,
            price_minor=None if dice.random() < 0.2 else dice.randrange(0, 10**7), currency=dice.choice(("CNY", "CNY", "EUR")),
            face_geom=rough(dice, asset.geom),
            face_tier="T2", created_at=places.MADE_AT,
        )
    )  # fmt: skip
    session.flush()


def a_need(session: Any, dice: random.Random, owner: Organisation, kind: AssetKind, listed: int, n: int) -> None:
    shape, (start, end), quantity = dice.choice(kind.need_geometry), days(dice), dice.randrange(1, 7)
    asked = values_of(dice, kind.requirements)
    session.add(
        Need(
            needs_list_id=listed, organisation_id=owner.id, kind=kind.name, region="440300", title=f"N{n}", shape=shape,
            geom=a_place(dice, (shape,)), radius_m=dice.choice((500, 750.5, 1234.5675)), requirements=asked, quantity=quantity,
            quantity_outstanding=dice.randrange(0, quantity + 1), window_start=start, window_end=end,
            budget_minor=None if dice.random() < 0.3 else dice.randrange(0, 10**7), currency=dice.choice(("CNY", "EUR")),
            status=dice.choice(("published", "published", "matched", "draft")), created_at=places.MADE_AT,
            purpose=dice.choice(("general", "general", "universal_service", "emergency")),
            submitted_on=None if dice.random() < 0.3 else DAY + timedelta(days=dice.randrange(-2, 12)),
        )
    )  # fmt: skip
    session.flush()


@pytest.fixture
def thing() -> Iterator[AssetKind]:
    """A kind whose criteria are of every sort is in use."""
    KINDS.add(THING)
    yield THING
    KINDS.remove(THING.name)


@pytest.mark.usefixtures("thing")
@pytest.mark.parametrize(("seed", "pages"), [(0, columns.PIECE), (1, 1), (3, 1)])
def test_columns_are_what_rows_are(bus: Bus, monkeypatch: pytest.MonkeyPatch, seed: int, pages: int) -> None:
    """Whether a table is read at once or page by page."""
    monkeypatch.setattr(columns, "PIECE", pages)
    fill(bus, seed)
    check(bus.database)


def differing(one: Problem, other: Problem) -> list[str]:
    """The columns in which two problems differ, to say more than a hash does."""
    return [
        f"{side}.{f.name}"
        for side in ("listings", "needs")
        for f in fields(getattr(one, side))
        if f.name != "place" and not np.array_equal(getattr(getattr(one, side), f.name), getattr(getattr(other, side), f.name))
    ]


def rowwise(session: Session, scope: Scope, see: See | None = None) -> Problem:
    """The same problem, one row after another, as plainly as it can be said."""
    heads = roots(session)
    return problem_from_rows(scope.kinds, listing_rows(session, scope, heads, see), need_rows(session, scope, heads))


def check(database: Database) -> None:
    with database.snapshot() as session, database.beside(session) as second:
        listings = session.scalars(select(Listing.id).order_by(Listing.id)).all()
        needs = session.scalars(select(Need.id)).all()
        scopes = [Scope(), *(Scope(kind.name) for kind in KINDS.all())]
        scopes += [Scope("tower", listings[::2], needs[::3]), Scope("tower", listings[::2], needs[::3], open_only=True)]
        scopes += [Scope(None, [], needs), Scope(None, listings, [])]
        scopes += [replace(scope, disclosed=True) for scope in scopes]
        for scope in scopes:
            plain = rowwise(session, scope)
            for found in (load_problem(session, scope), load_problem(session, scope, beside=second)):
                assert differing(found, plain) == [], scope
                assert found.input_hash == plain.input_hash
        whole = load_problem(session, Scope())
        assert min(len(whole.listings) - 30, len(whole.needs) - 15, len(whole.listings.claim_slot) - 10) > 0
        assert (whole.listings.offered < whole.listings.total).any()
        assert (whole.listings.values == MISSING).any()
        assert len(set(whole.needs.bonus.tolist())) > 3
        public = load_problem(session, Scope(disclosed=True))
        assert "listings.values" in differing(public, whole)  # what is not general is not known
        assert not np.array_equal(public.listings.place.lon, whole.listings.place.lon)
        scope = Scope(None, listings, needs)
        seen = {number: Sight(shapely.Point(114 + number / 1000, 22.5), Tier.T2) for number in listings[::3]}
        rough = load_problem(session, scope, lambda number: seen.get(number))
        assert set(rough.listings.id.tolist()) == set(seen)
        assert rough.input_hash == rowwise(session, scope, lambda number: seen.get(number)).input_hash


def test_nothing_at_all_is_a_problem_too(bus: Bus) -> None:
    with bus.database.snapshot() as session, bus.database.beside(session) as second:
        for beside in (None, second):
            assert load_problem(session, Scope(), beside=beside).input_hash == rowwise(session, Scope()).input_hash


def test_two_connections_see_one_moment(bus: Bus) -> None:
    """What is committed after the snapshot was taken is in neither."""
    fill(bus, 7, 12, 3)
    with bus.database.snapshot() as session, bus.database.beside(session) as second:
        before = load_problem(session, Scope()).input_hash
        with bus.database.write() as writer:
            for capacity in writer.scalars(select(Capacity)):
                capacity.total_milli += 1000
        assert load_problem(session, Scope(), beside=second).input_hash == before
    with bus.database.snapshot() as session:
        assert load_problem(session, Scope()).input_hash != before


def test_an_unknown_choice_is_named(bus: Bus, thing: AssetKind) -> None:
    fill(bus, 3, 30, 3)
    with bus.database.write() as session:
        for asset in session.scalars(select(Asset).where(Asset.kind == thing.name)):
            asset.attributes = {"colour": "nowhere"}
    with bus.database.snapshot() as session, pytest.raises(ProblemError, match="nowhere"):
        load_problem(session, Scope(thing.name))


@given(
    st.one_of(
        st.floats(-1e9, 1e9), st.integers(-(10**12), 10**12).map(lambda n: n / 2000), st.integers(-(10**9), 10**9).map(float)
    )
)
def test_thousandths_are_rounded_as_they_are_written(value: float) -> None:
    declared = Field("x", Text("x", "x"))
    assert encode_numbers(np.array([value, np.nan])).tolist() == [encode(declared, value), MISSING]


def test_a_number_that_is_missing_is_not_left_out_in_silence(bus: Bus) -> None:
    """Records lie one behind the other: a row without one of its numbers would move all that follow."""
    fill(bus, 0, 8, 0)
    with bus.database.snapshot() as session:
        statement = select(Listing.id.label("c0"), Listing.price_minor.label("c1"), Listing.currency.label("c2"))
        [_, numbers, words] = columns.read_columns(
            session, statement.where(Listing.price_minor.is_not(None)), ["int", "int", "letters"]
        )
        assert len(numbers) == len(words) > 0
        assert {word.decode() for word in words.tolist()} <= {"CNY", "EUR"}
        with pytest.raises((ValueError, TypeError)):
            columns.read_columns(session, statement.where(Listing.price_minor.is_(None)), ["int", "int", "letters"])
        if not bus.database.is_sqlite:  # which hands each row over by itself
            unsaid = select(Listing.id.label("c0"), func.nullif(Listing.currency, "CNY").label("c1"))
            with pytest.raises(ValueError, match="NULL"):
                columns.read_columns(session, unsaid, ["int", "letters"])


@pytest.mark.parametrize("words", [[b"CNY"], [b"CNY", b"EUR"], [b"", b""], [b"a", b"bcd", b""], [b"ab", b"c", b"def"]])
def test_words_come_back_as_they_were_joined(words: list[bytes]) -> None:
    assert columns._letters(b",".join(words)).tolist() == words


@pytest.mark.parametrize("seed", range(3))
def test_geometries_come_back_as_they_were_joined(seed: int) -> None:
    dice = random.Random(seed)
    forms = ("point",) if seed == 0 else ("point", "line", "area")
    places = [a_place(dice, forms) for _ in range(40)]
    if seed == 2:
        hole = shapely.Polygon([(0, 0), (4, 0), (4, 4)], [[(1, 0.5), (2, 0.5), (2, 1)]])
        places += [
            shapely.MultiPolygon([hole, shapely.box(9, 9, 10, 10)]),
            shapely.GeometryCollection([hole, shapely.Point(1, 2)]),
        ]
    sent = [shapely.to_wkb(place) for place in places]
    found = columns._geometries(memoryview(b"".join(sent)))
    assert [bytes(one) for one in found.tolist()] == sent
