"""Needs lists of a region, their entries and bundles. Blind to listings."""

from app.needs.bulk import BulkNeed, delete_imported, insert_needs
from app.needs.models import Bundle, Need, NeedsList
from app.needs.outcomes import serve
from app.needs.queries import need_detail, needs_by_ids
from app.needs.rules import ENTRY, check_collecting
from app.needs.views import NeedView, RoundView
from app.needs.words import need_words

__all__ = [
    "ENTRY", "BulkNeed", "Bundle", "Need", "NeedView", "NeedsList", "RoundView", "check_collecting", "delete_imported", "insert_needs", "need_detail",
    "need_words", "needs_by_ids", "serve",
]
