"""Many entries of a needs list at once, for imports: one statement, no event of its own.

The rows must be validated, permitted and located by the caller, which also emits the one event of the import.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice
from typing import Any, cast

import shapely
from sqlalchemy import Table, delete, insert, select, update

from app.accounts import names
from app.assets import cell_regions_of
from app.db.work import UnitOfWork
from app.kernel.ids import new_ref
from app.needs.models import Need

CHUNK = 5000
NEEDS = cast(Table, Need.__table__)  # past the ORM, which begins a new statement wherever another column is NULL


@dataclass(frozen=True, slots=True)
class BulkNeed:
    """One entry, by the columns of `Need`. `geom`: the place in WGS-84 as WKB."""

    organisation_id: int
    kind: str
    region: str
    title: str
    shape: str
    geom: bytes
    radius_m: float
    requirements: dict[str, Any]
    quantity: int
    window_start: date
    window_end: date
    latest_start: date | None = None
    minimum_term_months: int | None = None
    budget_minor: int | None = None
    currency: str = "CNY"
    priority: str = "normal"
    purpose: str = "general"
    accepts_cobuild: bool = False
    divisible: bool = False
    tier: str = "T0"
    alternative: dict[str, Any] | None = None
    note: str | None = None
    owner_ref: str | None = None
    declared_crs: str = "EPSG:4326"
    assumed: list[str] = field(default_factory=list)


def insert_needs(
    work: UnitOfWork, rows: Iterator[BulkNeed], *, needs_list_id: int, import_id: int, provenance: str, status: str
) -> int:
    """Write the entries, as drafts or submitted, and return how many. Bounded memory: `CHUNK` rows at a time."""
    made = {
        "needs_list_id": needs_list_id,
        "import_id": import_id,
        "provenance": provenance,
        "status": status,
        "submitted_on": None if status == "draft" else work.today,
        "version": 1,
        "created_at": work.now,
    }
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        faces = _face_regions(work, chunk)
        work.session.execute(
            insert(Need).execution_options(render_nulls=True),
            [  # NULLs as values: one statement a chunk
                {**made, "ref": new_ref(), **asdict(row), "quantity_outstanding": row.quantity, "face_region": face}
                for row, face in zip(chunk, faces, strict=True)
            ],
        )
    return count


def submit_imported(work: UnitOfWork, import_id: int) -> None:
    """Submit the drafts of an import."""
    mine = Need.import_id == import_id, Need.status == "draft"
    submitted = {"status": "submitted", "submitted_on": work.today}
    work.session.execute(update(Need).where(*mine).values(submitted).execution_options(synchronize_session=False))
    work.session.expire_all()


def _face_regions(work: UnitOfWork, rows: list[BulkNeed]) -> list[str | None]:
    """The region of each entry's approximate place, by the profile of who asks."""
    profiles = {number: name.profile for number, name in names(work.session, {row.organisation_id for row in rows}).items()}
    found: dict[int, str | None] = {}
    for profile in set(profiles.values()):
        mine = [place for place, row in enumerate(rows) if profiles[row.organisation_id] == profile]
        found |= dict(zip(mine, cell_regions_of([shapely.from_wkb(rows[place].geom) for place in mine], profile), strict=True))
    return [found[place] for place in range(len(rows))]


def close_imported(work: UnitOfWork, import_id: int) -> None:
    """Withdraw the entries of an import, all at once; none refers to another of them any more."""
    closed = {"status": "left", "outcome": "withdrawn", "outcome_reason": None, "merged_into_id": None, "carried_from_id": None}
    work.session.execute(
        update(Need).where(Need.import_id == import_id).values(closed).execution_options(synchronize_session=False)
    )
    work.session.expire_all()


def delete_imported(work: UnitOfWork, import_id: int, most: int | None = None) -> int:
    """Take back what an import made, or its next `most` entries. The caller has made sure that nothing stands on it. Returns how
    many entries went."""
    mine = Need.import_id == import_id
    if most is not None:
        mine &= Need.id.in_(select(Need.id).where(mine).order_by(Need.id).limit(most))
    gone = work.session.execute(delete(Need).where(mine).execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    work.session.expire_all()
    return int(gone)
