"""From the staging table to the register and the needs lists: rows read in pieces, written in bulk, in the transaction of the
commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from app.accounts import Organisation
from app.db.work import UnitOfWork
from app.exchange.decisions import Decisions
from app.exchange.drafts import revived
from app.exchange.models import ImportBatch, ImportRow
from app.exchange.targets import Subject
from app.listings import BulkListing, insert_listings, open_imported
from app.needs import BulkNeed, insert_needs, submit_imported

CHUNK = 5000
UNSTATED_ALTERNATIVE = "Not stated in the imported list. 导入的清单未填写独立建设方案。"
LISTING_VALUES = (
    "name",
    "attributes",
    "totals",
    "offered",
    "owner_ref",
    "status",
    "available_from",
    "address",
    "accuracy_m",
    "grade",
    "declared_crs",
    "price_minor",
    "currency",
    "terms",
    "tier",
    "exclusivity",
    "window_start",
    "window_end",
)
NEED_VALUES = (
    "title",
    "shape",
    "radius_m",
    "requirements",
    "quantity",
    "window_start",
    "window_end",
    "latest_start",
    "minimum_term_months",
    "budget_minor",
    "currency",
    "priority",
    "purpose",
    "accepts_cobuild",
    "divisible",
    "tier",
    "alternative",
    "note",
    "owner_ref",
    "declared_crs",
)
Row = tuple[str, dict[str, Any], bytes]


def new_organisations(work: UnitOfWork, batch: ImportBatch, create: Callable[..., Organisation]) -> dict[str, int]:
    """Make the organisations that the check found missing: name → id."""
    wanted: Mapping[str, str] = batch.findings.get("new_organisations") or {}
    profile = batch.findings.get("profile", "cn-default")
    return {name: create(work, name=name, sector=sector, profile=profile).id for name, sector in wanted.items()}


def rows_of(work: UnitOfWork, import_id: int, after: int = 0, until: int | None = None) -> Iterator[Row]:
    """(kind, data, place) in file order, of the staged rows behind `after` and up to `until`."""
    last = after
    columns = (ImportRow.id, ImportRow.kind, ImportRow.data, ImportRow.wkb)
    mine = ImportRow.import_id == import_id
    mine = mine if until is None else mine & (ImportRow.id <= until)
    while rows := work.session.execute(
        select(*columns).where(mine, ImportRow.id > last).order_by(ImportRow.id).limit(CHUNK)
    ).all():
        for _, kind, data, wkb in rows:
            yield kind, data, bytes(wkb)
        last = rows[-1].id


def write_rows(
    work: UnitOfWork, batch: ImportBatch, made: Mapping[str, int], *, opens: bool, after: int = 0, most: int | None = None
) -> tuple[int, int]:
    """Write the next staged rows, `most` at most, open or as drafts. Returns the last one and how many."""
    behind = select(ImportRow.id).where(ImportRow.import_id == batch.id, ImportRow.id > after).order_by(ImportRow.id)
    last = work.session.scalar(select(func.max(behind.limit(most).subquery().c.id))) or after
    rows = rows_of(work, batch.id, after, last)
    if Subject(batch.subject) is Subject.LISTINGS:
        return last, _write_listings(work, batch, made, rows, opens)
    return last, _write_needs(work, batch, made, rows, opens)


def open_written(work: UnitOfWork, batch: ImportBatch) -> None:
    """Open the listings that were written, or submit the entries, all at once."""
    if Subject(batch.subject) is Subject.LISTINGS:
        open_imported(work, batch.id)
    else:
        submit_imported(work, batch.id)


def _write_listings(work: UnitOfWork, batch: ImportBatch, made: Mapping[str, int], rows: Iterator[Row], opens: bool) -> int:
    sectors = _sectors(work)

    def build() -> Iterator[BulkListing]:
        for kind, data, wkb in rows:
            values = revived(data["values"])
            owner_id = _owner(data, values, made)
            given = {name: values[name] for name in LISTING_VALUES}
            yield BulkListing(
                kind=kind,
                owner_id=owner_id,
                sector=sectors[owner_id],
                wkb=wkb,
                region=data["region"],
                cell_region=data["cell_region"],
                assumed=tuple(data["assumed"]),
                **given,
            )

    return insert_listings(work, build(), import_id=batch.id, provenance=batch.provenance, published=opens)


def _write_needs(work: UnitOfWork, batch: ImportBatch, made: Mapping[str, int], rows: Iterator[Row], opens: bool) -> int:
    submits = Decisions.from_json(batch.settings).opens

    def build() -> Iterator[BulkNeed]:
        for kind, data, wkb in rows:
            values, assumed = revived(data["values"]), list(data["assumed"])
            if submits and not values["alternative"]:
                values["alternative"] = {"description": UNSTATED_ALTERNATIVE, "cost_minor": None, "days": None}
                assumed.append("alternative")
            given = {name: values[name] for name in NEED_VALUES}
            yield BulkNeed(
                organisation_id=_owner(data, values, made), kind=kind, region=data["region"], geom=wkb, assumed=assumed, **given
            )

    assert batch.needs_list_id is not None
    return insert_needs(
        work,
        build(),
        needs_list_id=batch.needs_list_id,
        import_id=batch.id,
        provenance=batch.provenance,
        status="submitted" if opens else "draft",
    )


def _owner(data: Mapping[str, Any], values: Mapping[str, Any], made: Mapping[str, int]) -> int:
    known: int | None = data["organisation_id"]
    return known if known is not None else made[values["organisation"]]


def _sectors(work: UnitOfWork) -> dict[int, str]:
    rows = work.session.execute(select(Organisation.id, Organisation.sector))
    return {organisation_id: sector for organisation_id, sector in rows}  # noqa: C416 - a row is no pair to mypy
