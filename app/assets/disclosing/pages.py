"""The pages of disclosure: importing this module registers them all on one blueprint."""

from __future__ import annotations

from app.assets.disclosing import ledger_routes
from app.assets.disclosing.case_pages import blueprint

__all__ = ["blueprint", "ledger_routes"]
