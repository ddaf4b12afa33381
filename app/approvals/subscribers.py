"""What approvals do when something happened elsewhere."""

from __future__ import annotations

from app.approvals.service import void_withdrawn
from app.approvals.standing import void_changed, void_replaced

SUBSCRIBERS = (void_withdrawn, void_replaced, void_changed)
