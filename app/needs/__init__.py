"""Needs lists of a region, their entries and bundles. Blind to listings."""

from app.needs.models import Bundle, Need, NeedsList
from app.needs.outcomes import serve

__all__ = ["Bundle", "Need", "NeedsList", "serve"]
