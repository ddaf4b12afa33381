"""The capacity ledger: the only place where totals, reserves and claims change. What other rooms may use of it is listed here."""

from __future__ import annotations

from app.ledger.book import convert, expire_overdue, hold, release
from app.ledger.claiming import BEGINNING, Holder, take_touched
from app.ledger.communications import end_works, reserve_for_works
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
from app.ledger.replacing import Wanted, check_unlapsed, cut_short, hold_difference, take_place
from app.ledger.rules import Free, Step, Taken
from app.ledger.search import has_free
from app.ledger.slipping import PROMISED, tell_holders, too_early
from app.ledger.structure import bulk_settle, settle
from app.ledger.totals import bulk_totals, set_totals

__all__ = [
    "BEGINNING",
    "KIND_WORDS",
    "PROMISED",
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
    "Wanted",
    "active_claims",
    "add_baseline",
    "bulk_settle",
    "bulk_totals",
    "capacities",
    "check_unlapsed",
    "claims_for",
    "convert",
    "cut_short",
    "end_claim",
    "end_works",
    "expire_overdue",
    "free",
    "has_free",
    "held_by",
    "hold",
    "hold_difference",
    "mark_unavailable",
    "profile",
    "release",
    "reserve_for_works",
    "set_reserve",
    "set_totals",
    "settle",
    "take_place",
    "take_touched",
    "tell_holders",
    "too_early",
    "totals_for",
]
