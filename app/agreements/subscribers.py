"""What agreements do when something happened elsewhere."""

from __future__ import annotations

from app.agreements.moves import lose_hold

SUBSCRIBERS = (lose_hold,)
