"""One task for each competent regulator of a submitted agreement, and its decision on exactly what was read."""

from __future__ import annotations

from app.approvals.models import Approval
from app.approvals.rules import Required, competent

__all__ = ["Approval", "Required", "competent"]
