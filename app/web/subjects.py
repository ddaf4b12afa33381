"""The page of any subject, by its type: so that an inbox, a history or a list of documents can link to it without knowing
its feature.

A feature registers its page once (`subject_page("need", "needs.show_need")`); an endpoint that is not there gives no link.
"""

from __future__ import annotations

from flask import current_app, url_for

PAGES: dict[str, str] = {}  # subject type → endpoint whose one argument is `ref`


def subject_page(subject_type: str, endpoint: str) -> None:
    PAGES[subject_type] = endpoint


def subject_url(subject_type: str, ref: str) -> str | None:
    """The address of a subject's page; None when its feature has none."""
    endpoint = PAGES.get(subject_type)
    if endpoint is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, ref=ref)
