"""A form that came back: what the use case refused, by field and in the reader's language, for the same page to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from flask import request

from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.kernel.timewindow import day_after
from app.web.formatting import current_locale

WHOLE_FORM = "form"  # no field has this name: the message stands for the form as a whole


def field_errors(error: DomainError, **boxes: str) -> dict[str, str]:
    """{field name: message}; `/address/0` is the field `address.0`. `boxes`: the field of the form that stands for what the use
    case calls otherwise, as `window_end="window_last"`."""
    locale = current_locale()
    found: dict[str, str] = {}
    for problem in error.problems:
        name = (problem.pointer or "").strip("/").replace("/", ".") or WHOLE_FORM
        found.setdefault(boxes.get(name, name), problem.detail.in_(locale))
    return found or {WHOLE_FORM: error.text.in_(locale)}


def in_order(errors: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The messages in the order of the form's fields; what stands at none of them comes last."""
    place = {name: number for number, name in enumerate(names)}
    return dict(sorted(errors.items(), key=lambda item: place.get(item[0], len(place))))


def typed(name: str) -> str:
    """What was typed into a field, without the blanks around it."""
    return request.form.get(name, "").strip()


def typed_list(name: str) -> list[str]:
    """Codes typed into one field, separated by blanks or commas of either width."""
    return [part for part in request.form.get(name, "").replace(",", " ").replace("，", " ").replace("、", " ").split() if part]


def ticked(name: str) -> list[str]:
    """The values of the boxes of one name that were ticked."""
    return list(dict.fromkeys(request.form.getlist(name)))


def day_typed(name: str) -> date | None:
    """The day in a date field, None when it is empty. Raises `invalid` at the field."""
    raw = typed(name)
    if not raw:
        return None
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise fail(
            "invalid",
            [Problem("invalid", Text("Give a day as 2027-01-31.", "请按 2027-01-31 的格式填写日期。"), pointer=f"/{name}")],
        ) from None


def end_typed(name: str) -> date | None:
    """The end of a period (exclusive) whose last day is in a date field, None when it is empty. Raises `invalid` at the field."""
    last = day_typed(name)
    return None if last is None else day_after(last)


def version_typed() -> int:
    """The version that the form was made from. Raises `version_required`."""
    raw = typed("version")
    if not raw.isdigit():
        raise fail("version_required")
    return int(raw)
