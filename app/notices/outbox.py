"""Mails on their way out: saved with the change that causes them, sent by a job after the commit."""

from __future__ import annotations

from app.db.work import UnitOfWork
from app.notices.models import Mail

SEND = "mail.send"


def queue_mail(work: UnitOfWork, recipient: str, subject: str, body: str, unsubscribe_url: str | None = None) -> None:
    """Save the text of a mail in this transaction and the job that sends it. `unsubscribe_url`: of a subscription; a POST there,
    with no other step, ends it (RFC 8058)."""
    mail = Mail(
        recipient=recipient,
        subject=" ".join(subject.split())[:300],
        body=body,
        unsubscribe_url=unsubscribe_url,
        created_at=work.now,
        sent_at=None,
        error=None,
    )
    work.session.add(mail)
    work.session.flush()
    work.enqueue(SEND, {"mail_id": mail.id}, key=f"{SEND}:{mail.id}")
