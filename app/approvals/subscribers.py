"""What approvals do when something happened elsewhere, and when the clock of a task passes."""

from __future__ import annotations

from app.approvals.service import void_withdrawn
from app.approvals.silence import OUTCOMES
from app.approvals.standing import void_changed, void_replaced
from app.approvals.tasks import SUBJECT
from app.deadlines import register_outcome

SUBSCRIBERS = (void_withdrawn, void_replaced, void_changed)

for outcome, handler in OUTCOMES.items():
    register_outcome(SUBJECT, outcome, handler)
