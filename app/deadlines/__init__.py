"""Clocks and their derivations: who must act by when, counted how, and what silence means. What other features may use is
exported here."""

from __future__ import annotations

from app.deadlines.calendars import recompute_provisional
from app.deadlines.models import Deadline
from app.deadlines.month import days_of
from app.deadlines.outcomes import NOBODY_ABOVE, NOTHING, Effect, register_move, register_outcome
from app.deadlines.queries import (
    ClockView,
    WaitingClock,
    clocks_by_id,
    clocks_of,
    clocks_waiting,
    due_dates_of,
    overdue,
    waiting_clocks,
)
from app.deadlines.service import end_deadline, let_pass, meet_deadline, pause_deadline, resume_deadline, start_deadline

__all__ = [
    "NOBODY_ABOVE",
    "NOTHING",
    "ClockView",
    "Deadline",
    "Effect",
    "WaitingClock",
    "clocks_by_id",
    "clocks_of",
    "clocks_waiting",
    "days_of",
    "due_dates_of",
    "end_deadline",
    "let_pass",
    "meet_deadline",
    "overdue",
    "pause_deadline",
    "recompute_provisional",
    "register_move",
    "register_outcome",
    "resume_deadline",
    "start_deadline",
    "waiting_clocks",
]
