"""A generated market at size: 100,000 published listings and 2,000 needs in Guangdong, of ten owners and three carriers.

Places crowd around cities and thin out, inside true boundaries; heights, capacity, prices and tenants are drawn from one
seed. It stands for nothing but a size and a mix of kinds, tiers and claims.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice

import shapely
from sqlalchemy import insert, select, text

from app.accounts import Organisation, create_organisation
from app.accounts.access_tokens import CreateToken, create_token
from app.accounts.acting import actor_for, choices
from app.accounts.models import User
from app.accounts.service import add_membership, create_person, grant_competence
from app.assets import Asset, cell_regions_of, regions_of
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM, Role
from app.ledger import Claim
from app.listings.bulk import BulkListing, insert_listings
from app.maps.jobs import count_for_tiles
from app.matching.run import run_now
from app.needs import BulkNeed, NeedsList, insert_needs
from bench import databases
from bench.copied import take_over

LISTINGS, NEEDS = 100_000, 2_000
AT_ONCE, CACHE_KB = 50_000, 2_000_000  # listings of one transaction, and SQLite's cache: indexes that outgrow it are slow to fill
PROFILE = "cn-default"
START = date(2026, 1, 1)
CITIES = (
    (114.06, 22.55, 40),
    (113.26, 23.13, 40),
    (113.12, 23.02, 20),
    (113.75, 23.02, 20),
    (114.42, 23.11, 8),
    (113.38, 22.52, 8),
    (116.68, 23.35, 8),
    (110.36, 21.27, 6),
    (112.47, 23.05, 5),
    (113.60, 24.81, 4),
    (111.98, 21.86, 3),
    (116.12, 24.29, 3),
)
SECTORS = ("power", "power", "transport", "municipal", "public_security", "telecom", "telecom", "power", "municipal", "transport")
CARRIERS = 3
PASSWORD = "Bench-Password-2026"
REQUESTER = "planner@bench.invalid"
KINDS = ("tower",) * 14 + ("duct",) * 3 + ("cable",) * 2 + ("room",)
TIERS = ("T2",) * 7 + ("T1",) * 2 + ("T0",)
LISTING_IMPORT, NEEDS_IMPORT = 1, 2


@dataclass(frozen=True, slots=True)
class Market:
    """Who signs in, and a token of the same person: a manager of a carrier, who sees what everybody sees and its own needs."""

    email: str
    password: str
    token: str


def fill(bus: Bus, listings: int = LISTINGS, needs: int = NEEDS) -> Market:
    """Make the market and match it once."""
    owners, carriers, administration = bus.execute(_organisations, SYSTEM, None)
    dice = random.Random(20260803)
    wanted = _listings(dice, owners, listings)
    while chunk := list(islice(wanted, AT_ONCE)):
        bus.execute(_opened, SYSTEM, chunk)
    bus.execute(_tenants, SYSTEM, dice)
    bus.execute(lambda work, _: _needs(work, dice, carriers, administration, needs), SYSTEM, None)
    run_now(bus, None, lambda percent, message: None)
    person_id = bus.execute(lambda work, _: _person(work, REQUESTER, carriers[0]), SYSTEM, None)
    with bus.database.read() as session:
        actor = actor_for(session, session.get_one(User, person_id), choices(session, person_id, bus.clock.now().date())[0])
    token = bus.execute(create_token, actor, CreateToken("bench", frozenset({"read", "write"})))
    return Market(REQUESTER, PASSWORD, token.text)


def _opened(work: UnitOfWork, rows: list[BulkListing]) -> None:
    if work.session.get_bind().dialect.name == "sqlite":
        work.session.execute(text(f"PRAGMA cache_size = -{CACHE_KB}"))
    insert_listings(work, iter(rows), import_id=LISTING_IMPORT, provenance="derived", published=True)


def prepared(
    place: databases.Place, listings: int = LISTINGS, needs: int = NEEDS, beside: databases.Place | None = None
) -> Market:
    """The market as the last run filled a kept place, or filled now: as it stands `beside` on SQLite, where that is given."""
    note = place.var / databases.FILLED
    if note.exists():
        databases.settle(place)  # a migration may have changed what there is to know
        return Market(**json.loads(note.read_text(encoding="utf-8")))
    if beside is not None and place.engine == databases.POSTGRESQL:
        made = prepared(beside, listings, needs)
        take_over(beside, place)
    else:
        bus = place.bus()
        made = fill(bus, listings, needs)
        count_for_tiles(bus)
        bus.database.dispose()
    databases.settle(place)
    note.write_text(json.dumps(asdict(made)), encoding="utf-8")
    return made


def _person(work: UnitOfWork, email: str, organisation_id: int) -> int:
    person = create_person(work, email=email, name="Planner", password=PASSWORD, locale="en")
    add_membership(work, person, work.session.get_one(Organisation, organisation_id), Role.MANAGER)
    return person.id


def _organisations(work: UnitOfWork, command: None) -> tuple[list[tuple[int, str]], list[int], int]:
    owners = [create_organisation(work, name=f"Owner {n}", sector=sector) for n, sector in enumerate(SECTORS)]
    carriers = [create_organisation(work, name=f"Carrier {n}", sector="telecom") for n in range(CARRIERS)]
    administration = create_organisation(work, name="Administration", sector="telecom", kind="authority")
    grant_competence(work, administration, authority="communications", level="province", sectors=["telecom"], regions=["440000"])
    return [(o.id, o.sector) for o in owners], [o.id for o in carriers], administration.id


def _points(dice: random.Random, count: int) -> list[tuple[shapely.Point, str]]:
    """Places with their region: around a city, near more often than far; what falls into the sea is drawn again."""
    found: list[tuple[shapely.Point, str]] = []
    weights = [weight for _, _, weight in CITIES]
    while len(found) < count:
        drawn = []
        for lon, lat, weight in dice.choices(CITIES, weights, k=count):
            spread = 0.02 * weight**0.5
            drawn.append(shapely.Point(round(dice.gauss(lon, spread), 6), round(dice.gauss(lat, spread), 6)))
        found += [
            (point, region) for point, region in zip(drawn, regions_of(drawn, PROFILE), strict=True) if region.startswith("44")
        ]
    return found[:count]


def _listings(dice: random.Random, owners: list[tuple[int, str]], count: int) -> Iterator[BulkListing]:
    placed = _points(dice, count)
    shapes = [(kind := dice.choice(KINDS), _shape(dice, kind, point), region) for point, region in placed]
    cells = cell_regions_of([geometry for _, geometry, _ in shapes], PROFILE)
    for number, ((kind, geometry, region), cell) in enumerate(zip(shapes, cells, strict=True)):
        owner, sector = owners[dice.randrange(len(owners))]
        attributes, totals = _thing(dice, kind, geometry)
        start = START + timedelta(days=dice.randrange(0, 360))
        yield BulkListing(
            kind=kind,
            name=f"{kind.title()} {number:06d}",
            owner_id=owner,
            sector=sector,
            wkb=geometry.wkb,
            region=region,
            cell_region=cell,
            window_start=start,
            window_end=start + timedelta(days=365 * dice.randrange(3, 15)),
            currency="CNY",
            attributes=attributes,
            totals=totals,
            owner_ref=f"N{number:06d}",
            tier=dice.choice(TIERS),
            price_minor=None if number % 11 == 0 else dice.randrange(4_000, 30_000) * 100,
        )


def _shape(dice: random.Random, kind: str, point: shapely.Point) -> shapely.Geometry:
    if kind in ("tower", "room"):
        return point
    step = 0.0008 if kind == "duct" else 0.004
    return shapely.LineString(
        [
            point,
            *(
                (
                    round(point.x + (n + 1) * step * dice.uniform(0.5, 1), 6),
                    round(point.y + (n + 1) * step * dice.uniform(-0.5, 0.5), 6),
                )
                for n in range(1 if kind == "duct" else 5)
            ),
        ]
    )


def _thing(dice: random.Random, kind: str, geometry: shapely.Geometry) -> tuple[dict[str, object], dict[str, object]]:
    if kind == "tower":
        height = dice.choice((18, 25, 30, 35, 45))
        return {"structure": dice.choice(("lattice", "monopole", "lamp_pole")), "structure_height_m": height}, {
            "platform": dice.randrange(2, 6),
            "load_kg": dice.randrange(100, 900),
            "wind_area_m2": dice.randrange(2, 9),
            "power_kw": dice.randrange(0, 9),
        }
    if kind == "duct":
        return {"deployment": "buried", "bore_mm": 100}, {"hole": dice.randrange(2, 12)}
    if kind == "cable":
        return {"cable_type": "duct", "fibre_type": "g652", "attenuation_db_km": 0.22}, {"core": dice.choice((12, 24, 48))}
    return {"room_type": "room", "floor_load_kn_m2": 6, "backup_min": 120}, {
        "rack_unit": dice.choice((42, 84)),
        "floor_area_m2": dice.randrange(10, 60),
        "power_kw": dice.randrange(5, 40),
    }


def _tenants(work: UnitOfWork, dice: random.Random) -> None:
    """Every third tower carries load of a tenant from before."""
    towers = work.session.scalars(
        select(Asset.id).where(Asset.kind == "tower", Asset.import_id == LISTING_IMPORT, Asset.id % 3 == 0)
    ).all()
    made = {"kind": "baseline", "state": "active", "holder_type": "occupant", "holder_ref": "tenant", "created_at": work.now}
    work.session.execute(
        insert(Claim),
        [
            {
                **made,
                "asset_id": asset,
                "dimension": "load_kg",
                "amount_milli": dice.randrange(20, 90) * 1000,
                "starts": START,
                "ends": START + timedelta(days=365 * dice.randrange(1, 9)),
            }
            for asset in towers
        ],
    )


def _needs(work: UnitOfWork, dice: random.Random, carriers: list[int], administration: int, count: int) -> None:
    listed = NeedsList(
        administration_id=administration,
        region="440000",
        name="Guangdong 2026",
        opens_on=START,
        closes_on=date(2027, 1, 1),
        status="published",
        created_at=work.now,
    )
    work.session.add(listed)
    work.session.flush()
    rows = (_need(dice, carriers, n, point, region) for n, (point, region) in enumerate(_points(dice, count)))
    insert_needs(work, rows, needs_list_id=listed.id, import_id=NEEDS_IMPORT, provenance="derived", status="published")


def _need(dice: random.Random, carriers: list[int], number: int, point: shapely.Point, region: str) -> BulkNeed:
    start = date(2027, 1, 1) + timedelta(days=dice.randrange(0, 300))
    return BulkNeed(
        organisation_id=carriers[number % len(carriers)],
        kind="tower",
        region=region,
        title=f"Site {number:04d}",
        shape="circle",
        geom=point.wkb,
        radius_m=dice.choice((300, 500, 1000, 2000)),
        quantity=(count := dice.randrange(1, 3)),
        window_start=start,
        window_end=start + timedelta(days=365 * dice.randrange(2, 6)),
        budget_minor=dice.randrange(8_000, 60_000) * 100,
        requirements={
            "mounts": count,
            "height_m": dice.choice((12, 20, 28)),
            "load_kg": dice.randrange(30, 200),
            "wind_area_m2": 1,
            "power_kw": dice.randrange(0, 4),
        },
        tier=dice.choice(("T0", "T1", "T2")),
    )
