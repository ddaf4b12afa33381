"""What access does when something happened elsewhere."""

from __future__ import annotations

from app.access.answers import expire_offer

SUBSCRIBERS = (expire_offer,)
