"""Send a saved mail. Idempotent: one that was sent is left alone; one that failed keeps its error and is tried again."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context

from app.config import Settings
from app.db.jobs import Handler, Lease
from app.db.work import Bus
from app.notices.delivery import OutgoingMail, compose, delivery
from app.notices.models import Mail
from app.notices.outbox import SEND


def settings() -> Settings:
    """The running application's settings; a worker without one reads the environment."""
    found = current_app.config["SETTINGS"] if has_app_context() else Settings.from_env()
    assert isinstance(found, Settings)
    return found


def handlers(bus: Bus) -> dict[str, Handler]:
    def send(lease: Lease, args: dict[str, Any]) -> None:
        mail_id = int(args["mail_id"])
        with bus.database.read() as session:
            mail = session.get_one(Mail, mail_id)
            if mail.sent_at is not None:
                return
            outgoing = OutgoingMail(mail.ref, mail.recipient, mail.subject, mail.body, mail.created_at, mail.unsubscribe_url)
        try:
            delivery(settings())(compose(outgoing, settings().mail_sender), outgoing.ref)
        except OSError as error:  # smtplib's errors are OSErrors; the job table tries again
            _note(bus, mail_id, error=str(error))
            raise
        _note(bus, mail_id, error=None)

    return {SEND: send}


def _note(bus: Bus, mail_id: int, error: str | None) -> None:
    with bus.database.write() as session:
        mail = session.get_one(Mail, mail_id)
        mail.error = error
        mail.sent_at = None if error else bus.clock.now()
