"""The capacity ledger: the only place where totals, reserves and claims change. What other rooms may use of it is listed here."""

from __future__ import annotations

from app.ledger.book import convert, expire_overdue, hold, release
from app.ledger.claiming import BEGINNING, Holder, take_touched
from app.ledger.in_the_way import KIND_WORDS
from app.ledger.models import Capacity, Claim
from app.ledger.own import add_baseline, end_claim, mark_unavailable, set_reserve
from app.ledger.queries import (
    ClaimColumns,
    ClaimView,
    DimensionProfile,
    TotalColumns,
    capacities,
    claims_for,
    free,
    held_by,
    profile,
    totals_for,
)
from app.ledger.queries import active as active_claims
from app.ledger.rules import Free, Step, Taken
from app.ledger.search import has_free
from app.ledger.totals import bulk_totals, set_totals

__all__ = [
    "BEGINNING",
    "KIND_WORDS",
    "Capacity",
    "Claim",
    "ClaimColumns",
    "ClaimView",
    "DimensionProfile",
    "Free",
    "Holder",
    "Step",
    "Taken",
    "TotalColumns",
    "active_claims",
    "add_baseline",
    "bulk_totals",
    "capacities",
    "claims_for",
    "convert",
    "end_claim",
    "expire_overdue",
    "free",
    "has_free",
    "held_by",
    "hold",
    "mark_unavailable",
    "profile",
    "release",
    "set_reserve",
    "set_totals",
    "take_touched",
    "totals_for",
]
