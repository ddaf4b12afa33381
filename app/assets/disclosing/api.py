"""The API of disclosure: importing this module registers all its routes on one blueprint."""

from __future__ import annotations

from app.assets.disclosing import ledger_routes
from app.assets.disclosing.case_api import blueprint

__all__ = ["blueprint", "ledger_routes"]
