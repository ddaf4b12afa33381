"""What agreements do when something happened elsewhere."""

from __future__ import annotations

from app.agreements.moves import lose_hold
from app.agreements.whole_routes import lose_leg

SUBSCRIBERS = (lose_hold, lose_leg)
