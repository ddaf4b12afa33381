"""The full match from rows to rows: the New Zealand instance read from the database, solved, and its matches stored.

The peer is the same match from columns in memory (`engine_nz`): what is above it is reading and writing. The first run
stores every match, the second finds nothing to change.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import date

import shapely
from sqlalchemy import delete, insert

from app.accounts import create_organisation
from app.db.work import Bus, UnitOfWork
from app.engine import Params, problem_from_rows, solve, warm
from app.kernel.actor import SYSTEM
from app.ledger import Claim
from app.listings import Listing
from app.listings.bulk import BulkListing, insert_listings
from app.matching import Match
from app.matching.run import run_now
from app.needs import BulkNeed, NeedsList, insert_needs
from bench import common, databases, engine_nz, nz
from tests.support import new_zealand

JOB = "J1 full match, database to database"
REPEATS = 3


def run() -> list[common.Row]:
    if not (nz.STRUCTURES.exists() and nz.CELLS.exists()):
        print("engine_db: ../shared/data is not here, left out")
        return []
    warm()
    rows: list[common.Row] = []
    with new_zealand.jurisdiction(), databases.both() as places:
        for place in places:
            bus = place.bus()
            bus.execute(fill, SYSTEM, None)
            databases.settle(place)
            rows += _measure(place, bus)
            bus.database.dispose()
    return rows


def _measure(place: databases.Place, bus: Bus) -> list[common.Row]:
    taken: dict[str, list[float]] = {"first": [], "again": [], "columns": []}
    problem = problem_from_rows((nz.TOWER,), nz.listings(), nz.needs())
    for _ in range(REPEATS):
        bus.execute(lambda work, _: work.session.execute(delete(Match)), SYSTEM, None)
        for name, job in (
            ("first", lambda: run_now(bus, "tower", _quiet)),
            ("again", lambda: run_now(bus, "tower", _quiet)),
            ("columns", lambda: solve(problem.take(), Params())),
        ):
            begin = time.perf_counter()
            job()
            taken[name].append(time.perf_counter() - begin)
    middle = {name: round(statistics.median(values), 3) for name, values in taken.items()}
    where = f"{engine_nz.INSTANCE}, {place.name}"
    return [
        common.row(
            JOB,
            where,
            f"s, {words}",
            middle[name],
            REPEATS,
            "the engine from columns",
            middle["columns"],
            spread=common.spread_of(taken[name]),
        )
        for name, words in (("first", "every match new"), ("again", "nothing changed"))
    ]


def _quiet(percent: int, message: str) -> None:
    """Progress that nobody watches."""


def fill(work: UnitOfWork, command: None) -> None:
    """The instance as rows: one power company's listings with their claims, the cells of three carriers as published needs."""
    towers, cells = nz.listings(), nz.needs()
    grid = create_organisation(work, name="Transpower", sector="power", profile=new_zealand.PROFILE)
    carriers = {
        n: create_organisation(work, name=f"Carrier {n}", sector="telecom", profile=new_zealand.PROFILE).id
        for n in sorted({cell.organisation for cell in cells})
    }
    insert_listings(work, _listings(grid.id, towers), import_id=1, provenance="derived", published=True)
    _claims(work, towers)
    listed = NeedsList(
        administration_id=grid.id,
        region="NZ",
        name="New Zealand",
        opens_on=date(2026, 1, 1),
        closes_on=date(2027, 1, 1),
        status="published",
        created_at=work.now,
    )
    work.session.add(listed)
    work.session.flush()
    insert_needs(work, _needs(carriers, cells), needs_list_id=listed.id, import_id=2, provenance="derived", status="published")


def _listings(owner: int, towers: list[nz.ListingRow]) -> Iterator[BulkListing]:
    for tower in towers:
        yield BulkListing(
            kind="tower",
            name=f"Structure {tower.id}",
            owner_id=owner,
            sector="power",
            wkb=shapely.to_wkb(tower.place),
            region="NZ",
            cell_region="NZ",
            window_start=date.fromordinal(tower.start),
            window_end=date.fromordinal(tower.end),
            currency=tower.currency or "NZD",
            price_minor=None if tower.price_minor < 0 else tower.price_minor,
            attributes={"structure": "lattice", **tower.values},
            totals={name: c.total_milli / 1000 for name, c in tower.capacity.items()},
            offered={name: c.offered_milli / 1000 for name, c in tower.capacity.items()},
        )


def _claims(work: UnitOfWork, towers: list[nz.ListingRow]) -> None:
    """What is taken already: tenants from before."""
    assets = work.session.scalars(Listing.__table__.select().with_only_columns(Listing.asset_id).order_by(Listing.id)).all()
    made = {"kind": "baseline", "state": "active", "holder_type": "occupant", "holder_ref": "tenant", "created_at": work.now}
    work.session.execute(
        insert(Claim),
        [
            {
                **made,
                "asset_id": asset,
                "dimension": name,
                "slot": claim.slot or None,
                "amount_milli": 1000 if claim.slot else claim.amount_milli,
                "starts": date.fromordinal(claim.start),
                "ends": date.fromordinal(claim.end),
            }
            for asset, tower in zip(assets, towers, strict=True)
            for name, capacity in tower.capacity.items()
            for claim in capacity.claims
        ],
    )


def _needs(carriers: dict[int, int], cells: list[nz.NeedRow]) -> Iterator[BulkNeed]:
    for cell in cells:
        yield BulkNeed(
            organisation_id=carriers[cell.organisation],
            kind="tower",
            region="NZ",
            title=f"Cell {cell.id}",
            shape="circle",
            geom=shapely.to_wkb(cell.place),
            radius_m=cell.radius_m,
            requirements=dict(cell.values),
            quantity=int(cell.values["mounts"]),
            window_start=date.fromordinal(cell.start),
            window_end=date.fromordinal(cell.end),
            budget_minor=None if cell.budget_minor < 0 else cell.budget_minor * int(cell.values["mounts"]),
            currency=cell.currency or "NZD",
        )
