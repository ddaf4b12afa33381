"""Many listings with their assets at once, for imports: one statement per table, no event of its own.

The rows must be validated, permitted and located by the caller, which also emits the one event of the import. What cannot be
open (a retired asset, one without capacity) stays a draft, as one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from itertools import islice
from typing import Any, cast

import shapely
from sqlalchemy import ColumnElement, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app import ledger
from app.accounts import Organisation
from app.assets import OPENABLE, Asset, AssetHost
from app.catalogue.kinds import KINDS
from app.catalogue.tiers import Tier
from app.db.work import UnitOfWork
from app.disclosure import public_tier, snapped
from app.kernel.errors import declare, fail
from app.kernel.ids import new_ref
from app.listings.height import height_m
from app.listings.mark import mark_of
from app.listings.models import Listing

CHUNK = 5000
ASSETS, LISTINGS = cast(Table, Asset.__table__), cast(Table, Listing.__table__)
# Past the ORM and without RETURNING: one executemany per table, whatever is NULL. Four times as fast on PostgreSQL.
declare(
    "import_in_use",
    HTTPStatus.CONFLICT,
    "Something rests on what was imported (a request, an agreement, a claim, another asset): it cannot be undone as a whole.",
    "导入的内容已被引用（申请、协议、容量占用或其他设施），无法整体撤销。",
)


@dataclass(frozen=True, slots=True)
class BulkListing:
    """One asset and its listing. `totals`, `offered`: dimension → amount in its unit. `wkb`: the place in WGS-84."""

    kind: str
    name: str
    owner_id: int
    sector: str
    wkb: bytes
    region: str
    cell_region: str | None
    window_start: date
    window_end: date
    currency: str
    attributes: dict[str, Any] = field(default_factory=dict)
    totals: dict[str, Any] = field(default_factory=dict)
    offered: dict[str, Any] = field(default_factory=dict)
    owner_ref: str | None = None
    status: str = "operational"
    available_from: date | None = None
    address: str | None = None
    accuracy_m: float | None = None
    grade: str = "general"
    declared_crs: str = "EPSG:4326"
    assumed: tuple[str, ...] = ()
    price_minor: int | None = None
    terms: str | None = None
    tier: str = "T2"
    exclusivity: str = "none"


def insert_listings(work: UnitOfWork, rows: Iterator[BulkListing], *, import_id: int, provenance: str, published: bool) -> int:
    """Write assets, listings and totals, and return how many. Bounded memory: `CHUNK` rows at a time."""
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        _insert_chunk(work, chunk, import_id, provenance, published)
    return count


def _insert_chunk(work: UnitOfWork, rows: Sequence[BulkListing], import_id: int, provenance: str, published: bool) -> None:
    made = {"import_id": import_id, "provenance": provenance, "version": 1, "created_at": work.now}
    faces = [public_tier(Tier[row.tier], row.grade) for row in rows]
    opened = [published and row.status in OPENABLE and bool(row.totals) for row in rows]
    last = work.session.scalar(select(func.max(Asset.id)).where(Asset.import_id == import_id)) or 0
    refs = [new_ref() for _ in rows]
    work.session.execute(
        insert(ASSETS),
        [
            {**made, "ref": ref, "public_tier": face.name if is_open else None, **_asset(row)}
            for ref, row, face, is_open in zip(refs, rows, faces, opened, strict=True)
        ],
    )
    written = work.session.execute(select(Asset.ref, Asset.id).where(Asset.import_id == import_id, Asset.id > last))
    known = {row.ref: row.id for row in written}
    ids = [known[ref] for ref in refs]
    owners = {row.owner_id for row in rows}
    of = select(Organisation.id, Organisation.profile).where(Organisation.id.in_(owners))
    profiles: dict[int, str] = dict(work.session.execute(of).all())
    work.session.execute(
        insert(LISTINGS),
        [
            {
                **made,
                "ref": new_ref(),
                "asset_id": asset_id,
                "status": "published" if is_open else "draft",
                "opened_at": work.now if is_open else None,
                "height_m": height_m(KINDS[row.kind], row.attributes, profiles[row.owner_id]),
                **_listing(row, face),
            }
            for asset_id, row, face, is_open in zip(ids, rows, faces, opened, strict=True)
        ],
    )
    ledger.bulk_totals(work.session, ((asset_id, row.kind, row.totals) for asset_id, row in zip(ids, rows, strict=True)))
    ledger.bulk_settle(
        work, [(asset_id, KINDS[row.kind], row.totals, row.attributes) for asset_id, row in zip(ids, rows, strict=True)]
    )


def open_imported(work: UnitOfWork, import_id: int) -> None:
    """Open the drafts of an import, and show their assets accordingly: what can be open, as one by one."""
    counted = select(ledger.Capacity.asset_id).where(ledger.Capacity.asset_id == Asset.id).exists()
    can = select(Asset.id).where(Asset.import_id == import_id, Asset.status.in_(OPENABLE), counted)
    mine = Listing.import_id == import_id, Listing.status == "draft", Listing.asset_id.in_(can)
    opened = {"status": "published", "opened_at": work.now}
    work.session.execute(update(Listing).where(*mine).values(opened).execution_options(synchronize_session=False))
    face = (
        select(Listing.face_tier).where(Listing.asset_id == Asset.id, Listing.import_id == import_id).limit(1).scalar_subquery()
    )
    shown = select(Listing.asset_id).where(Listing.import_id == import_id, Listing.status == "published")
    work.session.execute(
        update(Asset)
        .where(Asset.import_id == import_id, Asset.id.in_(shown))
        .values(public_tier=face)
        .execution_options(synchronize_session=False)
    )
    work.session.expire_all()


def _asset(row: BulkListing) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name,
        "owner_ref": row.owner_ref,
        "owner_id": row.owner_id,
        "operator_id": None,
        "status": row.status,
        "available_from": row.available_from,
        "geom": row.wkb,
        "region": row.region,
        "cell_region": row.cell_region,
        "address": row.address,
        "land_consent": "unknown",
        "host_consent": "unknown",
        "declared_crs": row.declared_crs,
        "accuracy_m": row.accuracy_m,
        "grade": row.grade,
        "attributes": row.attributes,
        "assumed": list(row.assumed),
    }


def _listing(row: BulkListing, face: Tier) -> dict[str, Any]:
    exact = face >= Tier.T2
    face_geom = row.wkb if exact else shapely.to_wkb(snapped(shapely.from_wkb(row.wkb)))
    mark = mark_of(face_geom)
    return {
        "owner_id": row.owner_id,
        "operator_id": None,
        "kind": row.kind,
        "region": row.region,
        "sector": row.sector,
        "title": row.name,
        "geom": row.wkb,
        "offered": row.offered,
        "window_start": row.window_start,
        "window_end": row.window_end,
        "price_minor": row.price_minor,
        "currency": row.currency,
        "terms": row.terms,
        "tier": row.tier,
        "exclusivity": row.exclusivity,
        "face_tier": face.name,
        "face_geom": face_geom,
        "face_region": row.region if exact else row.cell_region,
        "mark_x": mark[0],
        "mark_y": mark[1],
    }


def close_imported(work: UnitOfWork, import_id: int) -> None:
    """Withdraw what an import made, all at once: nobody else sees any of it."""
    mine = Listing.import_id == import_id, Listing.status != "withdrawn"
    closed = {"status": "withdrawn", "version": Listing.version + 1, "updated_at": work.now}
    work.session.execute(update(Listing).where(*mine).values(closed).execution_options(synchronize_session=False))
    shown = update(Asset).where(Asset.import_id == import_id, Asset.public_tier.is_not(None)).values(public_tier=None)
    work.session.execute(shown.execution_options(synchronize_session=False))
    work.session.expire_all()


def delete_imported(work: UnitOfWork, import_id: int, most: int | None = None) -> int:
    """Take back what an import made, or its next `most` listings, and return how many listings went. Raises `import_in_use` when
    something rests on any of it."""
    listings, assets = _next_rows(work, import_id, most)
    claim = ledger.Claim
    if work.session.scalar(
        select(func.count(claim.id)).where(
            claim.asset_id.in_(select(Asset.id).where(assets)), claim.kind.in_(("held", "pending", "committed"))
        )
    ):
        raise fail("import_in_use")
    own = select(Asset.id).where(Asset.import_id == import_id)
    hosts = AssetHost.host_id.in_(select(Asset.id).where(assets)), AssetHost.asset_id.in_(own)
    try:
        with work.session.begin_nested():
            work.session.execute(delete(AssetHost).where(*hosts))
            gone = work.session.execute(delete(Listing).where(listings)).rowcount  # type: ignore[attr-defined]
            work.session.execute(delete(Asset).where(assets))
    except IntegrityError:
        raise fail("import_in_use") from None
    work.session.expire_all()
    return int(gone)


def _next_rows(work: UnitOfWork, import_id: int, most: int | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The listings, and the assets, of an import, or of its next `most` listings; where no listing is left, the assets that are."""
    mine = Listing.import_id == import_id
    if most is None:
        return mine, Asset.import_id == import_id
    found = work.session.execute(select(Listing.id, Listing.asset_id).where(mine).order_by(Listing.id).limit(most)).all()
    if not found:
        return mine, Asset.import_id == import_id
    return mine & (Listing.id <= found[-1].id), Asset.id.in_([row.asset_id for row in found])
