"""What sharing saved against building alone: recorded once, when an agreement enters into force or a group agrees to build together."""

from __future__ import annotations

from app.savings.models import Saving
from app.savings.rules import DEFINITIONS, GROUP, LEASE

__all__ = ["DEFINITIONS", "GROUP", "LEASE", "Saving"]
