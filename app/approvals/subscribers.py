"""What approvals do when something happened elsewhere."""

from __future__ import annotations

from app.approvals.service import void_withdrawn

SUBSCRIBERS = (void_withdrawn,)
