"""The background work of large bulk changes, by the person who asked for it."""

from __future__ import annotations

from typing import Any

from app.accounts import actor_again
from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import DomainError, fail
from app.listings.changing.queries import change_detail
from app.listings.changing.service import APPLY, CHUNK, PREVIEW, MoveChange, apply_change, note_failure, preview_some


def handlers(bus: Bus) -> dict[str, Handler]:
    def preview(lease: Lease, args: dict[str, Any]) -> None:
        def run(actor: Actor) -> None:
            left = total = bus.ask(change_detail, actor, args["ref"]).counts.get("waiting", 0)
            while left:
                left = bus.execute(preview_some, actor, (args["ref"], CHUNK))
                lease.report(100 * (total - left) // max(total, 1), "comparing")

        _as_asked(bus, args, run)

    def apply(lease: Lease, args: dict[str, Any]) -> None:
        lease.report(5, "storing")
        _as_asked(bus, args, lambda actor: bus.execute(apply_change, actor, MoveChange(args["ref"], rows=args["rows"])))

    return {PREVIEW: preview, APPLY: apply}


def _as_asked(bus: Bus, args: dict[str, Any], run: Any) -> None:
    """A refusal is an answer, not a failure of the job: it is kept with the change. A job that comes twice finds it done."""
    with bus.database.read() as session:
        actor = actor_again(session, args["user"], args["organisation"], bus.today())
    try:
        if actor is None:  # may no longer act for the organisation
            raise fail("forbidden")
        run(actor)
    except DomainError as error:
        if error.code != "illegal_transition":
            bus.execute(note_failure, SYSTEM, (args["ref"], error))
