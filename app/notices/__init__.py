"""What people are told: the inbox of an organisation, and mail. What other features may use is exported here."""

from __future__ import annotations

from app.notices.outbox import queue_mail
from app.notices.recipients import Recipient, provide_recipients

__all__ = ["Recipient", "provide_recipients", "queue_mail"]
