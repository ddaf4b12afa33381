"""What follows an agreement's entry into force by itself."""

from __future__ import annotations

from app.fulfilment.building import start_clock
from app.fulfilment.ending import watch_term

SUBSCRIBERS = (start_clock, watch_term)
