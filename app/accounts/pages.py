"""The pages of accounts: importing this module registers them all on one blueprint."""

from __future__ import annotations

from app.accounts import account_pages, member_pages, organisation_pages, session_pages, token_pages
from app.accounts.blueprint import blueprint

__all__ = ["account_pages", "blueprint", "member_pages", "organisation_pages", "session_pages", "token_pages"]
