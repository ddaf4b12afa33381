"""The record of every change of state, chained so that tampering shows. What other features may use is exported here."""

from __future__ import annotations

from app.audit.heads import Head, signed_head
from app.audit.proving import Link, Proven, proven_records
from app.audit.queries import Change, HistoryRow, history
from app.audit.signing import public_hex, sign_with, signing_key

__all__ = [
    "Change",
    "Head",
    "HistoryRow",
    "Link",
    "Proven",
    "history",
    "proven_records",
    "public_hex",
    "sign_with",
    "signed_head",
    "signing_key",
]
