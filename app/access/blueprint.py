"""What the pages of access requests share: the blueprint, its words, and how an act leads back to the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.access.rules import DECISIONS, OFFER_STATUS, REQUEST
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError
from app.kernel.money import Money
from app.regions import region_name
from app.web.execute import execute
from app.web.forms import field_errors

blueprint = Blueprint("access", __name__, url_prefix="/requests")
TONES = {
    "draft": "out",
    "submitted": "warn",
    "incomplete": "warn",
    "complete": "warn",
    "accepted": "ok",
    "countered": "warn",
    "refused": "bad",
    "disputed": "warn",
    "withdrawn": "out",
    "expired": "out",
    "agreed": "ok",
}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "region_name": region_name,
        "request_states": REQUEST.states,
        "request_tones": TONES,
        "offer_states": OFFER_STATUS,
        "decisions": DECISIONS,
    }


def let_through(error: DomainError) -> None:
    """What is no matter of what was typed is answered by the error page."""
    if int(error.type.status) not in (409, 412, 422):
        raise error


def errors_of(error: DomainError) -> dict[str, str]:
    """Messages by field; a form asks for the last day of the period."""
    return field_errors(error, window_end="window_last")


def price_typed(text: str, currency: str) -> int | None:
    return Money.of(text.replace(",", "").replace("，", ""), currency).minor if text else None


def act_on(use_case: Callable[[UnitOfWork, Any], Any], command: Any, ref: str, message: str) -> Response:
    """Do it and go back to the request, with what was wrong if anything was."""
    try:
        execute(use_case, command)
    except DomainError as error:
        let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        flash(message, "ok")
    return redirect(url_for("access.show", ref=ref), 303)
