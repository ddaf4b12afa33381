"""The record of every change of state, chained so that tampering shows. What other features may use is exported here."""

from __future__ import annotations

from app.audit.queries import Change, HistoryRow, history

__all__ = ["Change", "HistoryRow", "history"]
