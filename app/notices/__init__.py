"""What people are told: the inbox of an organisation, and mail. What other features may use is exported here."""

from __future__ import annotations

from app.notices.outbox import queue_mail

__all__ = ["queue_mail"]
