"""Beginning a check where a person waits: a small file at once, a large one as a job."""

from __future__ import annotations

from app.db.work import Bus
from app.exchange.checking import INLINE_BYTES, ask_for_check, check_import
from app.exchange.queries import ImportView, import_detail
from app.kernel.actor import Actor


def begin_check(bus: Bus, actor: Actor, ref: str) -> ImportView:
    """Check the import, or queue its check; returns how it stands."""
    if bus.ask(import_detail, actor, ref).size_bytes <= INLINE_BYTES:
        check_import(bus, actor, ref)
    else:
        bus.execute(ask_for_check, actor, ref)
    return bus.ask(import_detail, actor, ref)
