"""A changed listing, need or claim re-matches by itself: its kind is queued once, however many changes wait."""

from __future__ import annotations

from sqlalchemy import select

from app.assets import Asset
from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.listings import Listing
from app.matching.run import REMATCH
from app.needs import Need

CHANGED: dict[str, type[Asset] | type[Listing] | type[Need]] = {"asset": Asset, "listing": Listing, "need": Need}
FOUND = frozenset({"match.found", "match.lost"})  # what a run says: no reason for another
UNMATCHED = frozenset({"draft", "submitted"})  # what nothing is matched with yet


def rematch(work: UnitOfWork, event: Event) -> None:
    """Queue the kinds whose input an event changed: it names them in `data["rematch"]`, or is about a listing, a need or an
    asset."""
    if event.action in FOUND:
        return
    kinds = set(event.data.get("rematch", ()))
    model = CHANGED.get(event.subject_type)
    if not kinds and model is not None:
        kinds = set(
            work.session.scalars(select(model.kind).where(model.ref == event.subject_ref, model.status.not_in(UNMATCHED)))
        )
    for kind in sorted(kinds):
        work.enqueue(REMATCH, {"kind": kind}, key=f"{REMATCH}:{kind}")


SUBSCRIBERS = (rematch,)
