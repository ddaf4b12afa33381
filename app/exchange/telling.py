"""The event of a change of an import: one for each, whatever the number of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.db.work import UnitOfWork
from app.exchange.models import ImportBatch
from app.exchange.rules import LIFE
from app.kernel.event import Event

NOTHING: Mapping[str, Any] = {}


def announce(
    work: UnitOfWork,
    batch: ImportBatch,
    action: str,
    after: Mapping[str, Any],
    *,
    before: Mapping[str, Any] = NOTHING,
    data: Mapping[str, Any] = NOTHING,
) -> None:
    concerned = (batch.organisation_id,) if batch.organisation_id is not None else ()
    work.emit(Event(action, "import", batch.ref, concerned, before, {"subject": batch.subject, **after}, None, data))


def begin_check(work: UnitOfWork, batch: ImportBatch) -> None:
    """A check has begun, or waits for a worker. Of one that does already nothing is told."""
    was, batch.status = batch.status, LIFE.move(batch.status, "check")
    if was != batch.status:
        announce(work, batch, "import.check_started", {"status": batch.status}, before={"status": was})
