"""The ledger's routes; disclosure in the top bar, and the pages of looks, grants and exemptions for inboxes and histories."""

from __future__ import annotations

from flask import Flask

from app.kernel.text import Text
from app.web.execute import current_actor
from app.web.shell import NavLink, add_links
from app.web.subjects import subject_page


def init(app: Flask) -> None:
    def signed_in() -> bool:
        return not current_actor().is_anonymous

    subject_page("closer_look", "disclosing.look")
    subject_page("grant", "disclosing.grant")
    subject_page("exemption", "disclosing.exemption")
    add_links(
        app, NavLink("disclosing.index", Text("Disclosure", "披露"), "disclosure", order=27, visible=signed_in, menu="register")
    )
