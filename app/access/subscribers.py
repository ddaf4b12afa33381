"""What access does when something happened elsewhere, and when a clock of a request passes."""

from __future__ import annotations

from app.access.answers import expire_offer
from app.access.clocks import SUBJECT
from app.access.completeness import OUTCOMES
from app.access.recounted import moved
from app.deadlines import register_move, register_outcome

SUBSCRIBERS = (expire_offer,)

for outcome, handler in OUTCOMES.items():
    register_outcome(SUBJECT, outcome, handler)
register_move(SUBJECT, moved)
