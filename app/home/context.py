"""Which page shows which subject: home knows every feature, so that an inbox, a history or a card can link to any of them.

A feature that registers its own page keeps it.
"""

from __future__ import annotations

from flask import Flask

from app.web.subjects import PAGES, subject_page

SUBJECTS = {
    "organisation": "accounts.organisation",
    "need": "matching.need",
    "needs_list": "needs.show_list",
    "listing": "listings.show",
    "asset": "assets.show",
    "access_request": "access.show",
    "agreement": "agreements.show",
    "approval": "approvals.show",
    "match_run": "matching.run",
    "import": "exchange.show",
}


def init(app: Flask) -> None:
    for subject_type, endpoint in SUBJECTS.items():
        if subject_type not in PAGES:
            subject_page(subject_type, endpoint)
