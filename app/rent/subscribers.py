"""What rent does when a tenant comes or goes."""

from __future__ import annotations

from app.rent.service import reprice

SUBSCRIBERS = (reprice,)
