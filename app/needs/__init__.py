"""Needs lists of a region, their entries and bundles. Blind to listings."""

from app.needs.bulk import BulkNeed, close_imported, delete_imported, insert_needs, submit_imported
from app.needs.checking import LEAST_RADIUS_M, MAX_RADIUS_M, RADIUS, takes_radius
from app.needs.entering import invited_ids
from app.needs.models import Bundle, Need, NeedsBudget, NeedsList
from app.needs.outcomes import serve
from app.needs.queries import (
    Found,
    NeedFilter,
    bundle_needs,
    collecting_rounds,
    need_detail,
    need_history,
    need_list,
    needs_by_ids,
)
from app.needs.rules import ENTERED_STATES, ENTRY, OUTCOMES, ROUND, check_collecting
from app.needs.terms import Cells, Terms, asked_name, lacking, taken_kinds
from app.needs.verifying import PaperVerdict, paper_by_hash, paper_named
from app.needs.views import NeedView, RoundView
from app.needs.visibility import visible
from app.needs.words import need_words

__all__ = [
    "ENTERED_STATES",
    "ENTRY",
    "LEAST_RADIUS_M",
    "MAX_RADIUS_M",
    "OUTCOMES",
    "RADIUS",
    "ROUND",
    "BulkNeed",
    "Bundle",
    "Cells",
    "Found",
    "Need",
    "NeedFilter",
    "NeedView",
    "NeedsBudget",
    "NeedsList",
    "PaperVerdict",
    "RoundView",
    "Terms",
    "asked_name",
    "bundle_needs",
    "check_collecting",
    "close_imported",
    "collecting_rounds",
    "delete_imported",
    "insert_needs",
    "invited_ids",
    "lacking",
    "need_detail",
    "need_history",
    "need_list",
    "need_words",
    "needs_by_ids",
    "paper_by_hash",
    "paper_named",
    "serve",
    "submit_imported",
    "taken_kinds",
    "takes_radius",
    "visible",
]
