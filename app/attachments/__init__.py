"""Documents attached to anything. What other features may use is exported here."""

from __future__ import annotations

from app.attachments.models import Attachment
from app.attachments.subjects import register_subject

__all__ = ["Attachment", "register_subject"]
