"""Uploaded files and staged rows are not kept for ever: forgotten when an import is over, or thirty days after it was last
touched."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.db.work import UnitOfWork
from app.exchange.models import ImportBatch, ImportProblem, ImportRow
from app.exchange.rules import LIFE
from app.exchange.telling import announce

KEPT_DAYS = 30  # long enough to correct a file and come back for its annotated workbook
FORGET = "import.forget"
OVER = ("undone", "discarded")
WAITING = ("uploaded", "checked", "failed")


def forget_later(work: UnitOfWork, sha256: str, days: int = 0) -> None:
    """Look at the file again in `days`; another import of the same bytes may need it still."""
    work.enqueue(
        FORGET, {"sha256": sha256}, key=f"{FORGET}:{sha256}:{work.now.timestamp()}", delay_s=timedelta(days=days).total_seconds()
    )


def forget(work: UnitOfWork, sha256: str) -> bool:
    """Give up imports of these bytes that nobody came back for, and say whether the bytes are needed no longer."""
    since = work.now - timedelta(days=KEPT_DAYS)
    touched = func.coalesce(ImportBatch.updated_at, ImportBatch.created_at)
    stale = select(ImportBatch).where(ImportBatch.sha256 == sha256, ImportBatch.status.in_(WAITING), touched < since)
    for batch in work.session.scalars(stale.order_by(ImportBatch.id).with_for_update()).all():
        clear_staging(work, batch.id)
        was, batch.status, batch.updated_at = batch.status, LIFE.move(batch.status, "discard"), work.now
        announce(work, batch, "import.discarded", {"status": batch.status, "untouched_days": KEPT_DAYS}, before={"status": was})
    live = select(ImportBatch.id).where(ImportBatch.sha256 == sha256, ImportBatch.status.not_in(OVER), touched >= since)
    return work.session.scalar(live.limit(1)) is None


def clear_staging(work: UnitOfWork, import_id: int) -> None:
    work.session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    work.session.execute(delete(ImportProblem).where(ImportProblem.import_id == import_id))
