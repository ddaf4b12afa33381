"""The page of an asset's capacity: totals, who holds what when, and the owner's own claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db.work import UnitOfWork
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.quantity import decimal_of
from app.kernel.text import Text
from app.ledger.in_the_way import KIND_WORDS, by_holder
from app.ledger.service import EndClaim, EnterClaim, SetTotals, end_claim, enter_claim, set_totals
from app.ledger.views import CapacityView, capacity_of
from app.web.execute import ask, execute
from app.web.forms import WHOLE_FORM, day_typed, end_typed, field_errors, typed
from app.web.i18n import current_locale
from app.web.policy import policy

blueprint = Blueprint("ledger", __name__, url_prefix="/assets/<ref>/capacity")
TONES = {"baseline": "out", "unavailable": "out", "reserve": "out", "held": "warn", "pending": "warn", "committed": "brand"}
STATES = {
    "released": Text("released", "已释放"),
    "expired": Text("expired", "已过期"),
    "ended": Text("ended", "已结束"),
}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "claim_kinds": KIND_WORDS,
        "claim_tones": TONES,
        "claim_states": STATES,
        "by_holder": by_holder,
    }


@blueprint.get("/")
@policy("capacity.view")
def show(ref: str) -> str:
    return _page(ref, {}, {})


def _page(ref: str, values: dict[str, Any], errors: dict[str, str], in_the_way: tuple[str, ...] = ()) -> str:
    return render_template(
        "ledger/capacity.html", view=ask(capacity_of, ref), values=values, errors=errors, in_the_way=in_the_way
    )


def _amounts(view: CapacityView, prefix: str) -> dict[str, float]:
    """The amounts typed as `<prefix>.<dimension>`; empty ones are left out. Raises `invalid` at the fields."""
    found, problems = {}, []
    for item in view.dimensions:
        name = f"{prefix}.{item.dimension.name}"
        raw = typed(name).replace(",", "")
        if not raw:
            continue
        try:
            value = decimal_of(raw)
            if value < 0:
                raise fail("not_a_number", value=raw)
            found[item.dimension.name] = float(value)
        except DomainError as error:
            problems.append(Problem(error.code, error.text, pointer=f"/{name}"))
    if problems:
        raise fail("invalid", problems)
    return found


def _act(
    ref: str, use_case: Callable[[UnitOfWork, Any], Any], command: Callable[[CapacityView], Any], message: str
) -> Response | tuple[str, int]:
    try:
        execute(use_case, command(ask(capacity_of, ref)))
    except DomainError as error:
        if int(error.type.status) not in (409, 422):
            raise
        if error.code == "capacity_in_use":
            holders = tuple(problem.detail.in_(current_locale()) for problem in error.problems)
            return _page(ref, dict(request.form), {WHOLE_FORM: error.text.in_(current_locale())}, holders), 422
        whole = {} if error.code == "invalid" else {WHOLE_FORM: error.text.in_(current_locale())}
        return _page(ref, dict(request.form), whole | field_errors(error, ends="last")), 422
    flash(message, "ok")
    return redirect(url_for("ledger.show", ref=ref), 303)


@blueprint.post("/totals")
@policy("capacity.change")
def totals(ref: str) -> Response | tuple[str, int]:
    return _act(ref, set_totals, lambda view: SetTotals(ref, _amounts(view, "total")), _("The totals are set."))


@blueprint.post("/claims")
@policy("capacity.change")
def enter(ref: str) -> Response | tuple[str, int]:
    def command(view: CapacityView) -> EnterClaim:
        return EnterClaim(
            ref,
            typed("kind"),
            _amounts(view, "amount"),
            day_typed("starts"),
            end_typed("last"),
            typed("occupant") or None,
            typed("note") or None,
            typed("equipment") or None,
        )

    return _act(ref, enter_claim, command, _("Entered."))


@blueprint.post("/claims/<claim_ref>/end")
@policy("capacity.change")
def end(ref: str, claim_ref: str) -> Response | tuple[str, int]:
    """End the claim; of a row of several numbers the one that is chosen, or all."""
    one = typed("one")
    command = EndClaim(ref, one or claim_ref, bool(typed("whole")) and not one)
    return _act(ref, end_claim, lambda view: command, _("Ended. Its capacity is free again."))
