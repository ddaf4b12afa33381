"""The background work of imports: the check of a large file, its commit and its undo, by the person who asked for it, and forgetting
files in time."""

from __future__ import annotations

from typing import Any

from app.accounts import actor_again
from app.db.jobs import Cancelled, Handler, Lease
from app.db.work import Bus
from app.exchange import files
from app.exchange.checking import check_import, give_up
from app.exchange.forgetting import FORGET, forget
from app.exchange.taking_back import TAKE_BACK, take_back
from app.exchange.writing import WRITE, stop_writing, write_import
from app.kernel.actor import SYSTEM, Actor


def handlers(bus: Bus) -> dict[str, Handler]:
    def check(lease: Lease, args: dict[str, Any]) -> None:
        actor = _who(bus, args)
        if actor is None:  # may no longer act for the organisation
            bus.execute(give_up, SYSTEM, args["ref"])
            return
        try:
            check_import(bus, actor, args["ref"], lease.report)
        except Cancelled:
            bus.execute(give_up, SYSTEM, args["ref"])
            raise

    def drop(lease: Lease, args: dict[str, Any]) -> None:
        if bus.execute(forget, SYSTEM, args["sha256"]):
            files.drop(args["sha256"])

    def write(lease: Lease, args: dict[str, Any]) -> None:
        actor = _who(bus, args)
        if actor is None:
            bus.execute(stop_writing, SYSTEM, (args["ref"], None))
            return
        try:
            write_import(bus, actor, args["ref"], lease.report)
        except Cancelled:
            bus.execute(stop_writing, SYSTEM, (args["ref"], None))
            raise

    def undo(lease: Lease, args: dict[str, Any]) -> None:
        # withdrawn already: who asked for it may have left since, and the rest goes all the same
        take_back(bus, _who(bus, args) or SYSTEM, args["ref"], lease.report)

    return {"import.check": check, WRITE: write, TAKE_BACK: undo, FORGET: drop}


def _who(bus: Bus, args: dict[str, Any]) -> Actor | None:
    if args["user"] is None:
        return SYSTEM
    with bus.database.read() as session:
        return actor_again(session, args["user"], args["organisation"], bus.today())
