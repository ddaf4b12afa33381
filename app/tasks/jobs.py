"""The morning's digests: one job a day, which queues itself for the next; each digest in its own transaction, once a day."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context

from app.config import Settings
from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.kernel.actor import SYSTEM
from app.tasks.digest import SEND, SendDigest, digests_due, queue_next, send_digest


def settings() -> Settings:
    """The running application's settings; a worker without one reads the environment."""
    found = current_app.config["SETTINGS"] if has_app_context() else Settings.from_env()
    assert isinstance(found, Settings)
    return found


def handlers(bus: Bus) -> dict[str, Handler]:
    def send(lease: Lease, args: dict[str, Any]) -> None:
        bus.execute(queue_next, SYSTEM, None)
        send_all(bus, settings())

    return {SEND: send}


def send_all(bus: Bus, known: Settings) -> int:
    """Queue the mails of every digest that is due today. Returns how many go out."""
    due = bus.ask(digests_due, SYSTEM)
    return sum(bus.execute(send_digest, SYSTEM, SendDigest(ref, known.base_url, known.secret_key)) for ref in due)
