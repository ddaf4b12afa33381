"""The capacity ledger: the only place where totals, reserves and claims change. What other rooms may use of it is listed here."""

from __future__ import annotations

from app.ledger.book import (
    BEGINNING,
    KIND_WORDS,
    Holder,
    add_baseline,
    bulk_totals,
    convert,
    end_claim,
    expire_overdue,
    hold,
    mark_unavailable,
    release,
    set_reserve,
    set_totals,
)
from app.ledger.models import Capacity, Claim
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
from app.ledger.rules import Free, Step, Taken
from app.ledger.search import assets_with_free

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
    "add_baseline",
    "assets_with_free",
    "bulk_totals",
    "capacities",
    "claims_for",
    "convert",
    "end_claim",
    "expire_overdue",
    "free",
    "held_by",
    "hold",
    "mark_unavailable",
    "profile",
    "release",
    "set_reserve",
    "set_totals",
    "totals_for",
]
