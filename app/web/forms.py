"""A form that came back: what the use case refused, by field and in the reader's language, for the same page to show."""

from __future__ import annotations

from flask import request

from app.kernel.errors import DomainError
from app.web.formatting import current_locale

WHOLE_FORM = "form"  # no field has this name: the message stands for the form as a whole


def field_errors(error: DomainError) -> dict[str, str]:
    """{field name: message}; `/address/0` is the field `address.0`."""
    locale = current_locale()
    found: dict[str, str] = {}
    for problem in error.problems:
        name = (problem.pointer or "").strip("/").replace("/", ".") or WHOLE_FORM
        found.setdefault(name, problem.detail.in_(locale))
    return found or {WHOLE_FORM: error.text.in_(locale)}


def typed(name: str) -> str:
    """What was typed into a field, without the blanks around it."""
    return request.form.get(name, "").strip()


def typed_list(name: str) -> list[str]:
    """Codes typed into one field, separated by blanks or commas of either width."""
    return [part for part in request.form.get(name, "").replace(",", " ").replace("，", " ").replace("、", " ").split() if part]
