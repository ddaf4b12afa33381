"""Bulk changes as pages and programs see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.db.jobs import JobView, job_view
from app.db.work import Reader
from app.kernel.errors import fail
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.listings.changing.models import BulkChange, BulkChangeItem
from app.listings.changing.rules import Wanted


@dataclass(frozen=True, slots=True)
class ChangeView:
    """`counts`: listings by verdict."""

    ref: str
    status: str
    version: int
    wanted: Wanted
    counts: Mapping[str, int]
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    message: Text | None
    owner_id: int
    job: JobView | None

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def refused(self) -> int:
        return self.counts.get("refused", 0) + self.counts.get("stale", 0)

    @property
    def is_running(self) -> bool:
        return self.status in ("selected", "previewed") and self.job is not None and self.job.state in ("queued", "running")

    @property
    def subject(self) -> Subject:
        return Subject(owner_id=self.owner_id, status=self.status)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One listing of a bulk change. `before`, `after`: what the change is about, as it is stored."""

    position: int
    ref: str
    title: str
    kind: AssetKind
    currency: str
    verdict: str
    code: str | None
    reason: Text | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangePage:
    rows: Sequence[ChangeView]
    count: int
    after: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class ItemPage:
    rows: Sequence[ItemView]
    count: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None


def list_changes(reader: Reader, *, after: tuple[Any, ...] | None = None, limit: int = 50) -> ChangePage:
    """The bulk changes of the organisations that the actor reaches, newest first."""
    reader.permit("bulk_change.list")
    base = select(BulkChange).where(BulkChange.organisation_id.in_(reader.actor.subtree))
    count = reader.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    statement = base if after is None else base.where(BulkChange.id < int(after[0]))
    found = reader.session.scalars(statement.order_by(BulkChange.id.desc()).limit(limit + 1)).all()
    counts = _counts(reader, [change.id for change in found[:limit]])
    views = [_view(reader, change, counts.get(change.id, {})) for change in found[:limit]]
    return ChangePage(views, count, (found[limit - 1].id,) if len(found) > limit else None)


def change_detail(reader: Reader, ref: str) -> ChangeView:
    """One bulk change. Raises `not_found`."""
    change = _load(reader, ref)
    return _view(reader, change, _counts(reader, [change.id]).get(change.id, {}))


def change_items(
    reader: Reader,
    ref: str,
    *,
    verdict: str | None = None,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
    limit: int = 50,
) -> ItemPage:
    """Its listings, in the order in which they were made."""
    change = _load(reader, ref)
    base = select(BulkChangeItem).where(BulkChangeItem.change_id == change.id)
    base = base if verdict is None else base.where(BulkChangeItem.verdict == verdict)
    count = reader.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    place = BulkChangeItem.position
    if before is not None:
        statement = base.where(place < int(before[0])).order_by(place.desc())
    else:
        statement = base.where(place > (int(after[0]) if after else 0)).order_by(place)
    found = list(reader.session.scalars(statement.limit(limit + 1).options(joinedload(BulkChangeItem.listing))))
    more, found = len(found) > limit, found[:limit]
    if before is not None:
        found.reverse()
    has_next, has_previous = (more, after is not None) if before is None else (True, more)
    return ItemPage(
        [_item(row) for row in found],
        count,
        (found[-1].position,) if found and has_next else None,
        (found[0].position,) if found and has_previous else None,
    )


def _load(reader: Reader, ref: str) -> BulkChange:
    change = reader.session.scalar(select(BulkChange).where(BulkChange.ref == ref))
    if change is None:
        raise fail("not_found")
    reader.permit("bulk_change.view", Subject(owner_id=change.organisation_id, status=change.status))
    return change


def _counts(reader: Reader, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    item = BulkChangeItem
    rows = reader.session.execute(
        select(item.change_id, item.verdict, func.count(item.id))
        .where(item.change_id.in_(ids))
        .group_by(item.change_id, item.verdict)
    )
    found: dict[int, dict[str, int]] = {}
    for change_id, verdict, count in rows:
        found.setdefault(change_id, {})[verdict] = count
    return found


def _view(reader: Reader, change: BulkChange, counts: Mapping[str, int]) -> ChangeView:
    return ChangeView(
        change.ref,
        change.status,
        change.version,
        Wanted.from_json(change.wanted),
        counts,
        change.created_at,
        change.applied_at,
        change.undone_at,
        Text(change.message_en, change.message_zh or change.message_en) if change.message_en else None,
        change.organisation_id,
        job_view(reader.session, change.job_id) if change.job_id else None,
    )


def _item(row: BulkChangeItem) -> ItemView:
    listing = row.listing
    reason = Text(row.reason_en, row.reason_zh or row.reason_en) if row.reason_en else None
    return ItemView(
        row.position,
        listing.ref,
        listing.title,
        KINDS[listing.kind],
        listing.currency,
        row.verdict,
        row.code,
        reason,
        row.before,
        row.after,
    )
