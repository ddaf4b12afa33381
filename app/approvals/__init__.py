"""One task for each competent regulator of a submitted agreement, and its decision on exactly what was read."""

from __future__ import annotations

from app.approvals.deciding import Decide, LeaveCase, TakeCase, decide, leave_case, take_case
from app.approvals.delegating import stands_in_for, substitutes
from app.approvals.models import Approval
from app.approvals.rules import Required, competent

__all__ = [
    "Approval",
    "Decide",
    "LeaveCase",
    "Required",
    "TakeCase",
    "competent",
    "decide",
    "leave_case",
    "stands_in_for",
    "substitutes",
    "take_case",
]
