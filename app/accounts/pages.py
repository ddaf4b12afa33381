"""The pages of accounts: importing this module registers them all on one blueprint."""

from __future__ import annotations

from app.accounts import account_pages, session_pages
from app.accounts.blueprint import blueprint

__all__ = ["account_pages", "blueprint", "session_pages"]
