"""What an organisation may spend in all on its entries of one needs list: set, changed and taken back by itself.

A budget of one entry bounds that entry's price; this one bounds the sum of what is chosen for all of them, and the allocation
keeps to it. It is nobody else's business but the administration's, whose allocation counts on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import Organisation
from app.catalogue.profiles import get_profile
from app.db.work import Reader, UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event
from app.kernel.money import CURRENCIES, MOST_MINOR
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.needs.models import NeedsBudget, NeedsList
from app.needs.rounds import round_by_ref


@dataclass(frozen=True, slots=True)
class SetBudget:
    """`limit_minor` None takes the budget back; `currency` None: that of the organisation's jurisdiction."""

    needs_list_ref: str
    limit_minor: int | None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class BudgetView:
    """The acting organisation's budget for a list, if it has one."""

    limit_minor: int | None
    currency: str


def set_budget(work: UnitOfWork, command: SetBudget) -> BudgetView:
    """Bound what the acting organisation's entries of a list may cost a year together. Who may: its writers, until the list is
    closed. Raises `invalid`, `illegal_transition`."""
    round_ = round_by_ref(work, command.needs_list_ref)
    organisation = work.session.get_one(Organisation, work.actor.organisation_id)
    work.permit("needs_list.budget", Subject(requester_id=organisation.id))
    if round_.status == "closed":
        raise fail("conflict")
    currency = command.currency or get_profile(organisation.profile).currency
    _check(command.limit_minor, currency)
    found = work.session.get(NeedsBudget, (round_.id, organisation.id), with_for_update=True)
    before = {} if found is None else {"limit_minor": found.limit_minor, "currency": found.currency}
    if command.limit_minor is None:
        if found is not None:
            work.session.delete(found)
    elif found is None:
        work.session.add(
            NeedsBudget(
                needs_list_id=round_.id, organisation_id=organisation.id, limit_minor=command.limit_minor, currency=currency
            )
        )
    else:
        found.limit_minor, found.currency = command.limit_minor, currency
    after = {} if command.limit_minor is None else {"limit_minor": command.limit_minor, "currency": currency}
    work.emit(Event("needs_list.budget_set", "needs_list", round_.ref, (organisation.id,), before, after, round_.region))
    return BudgetView(command.limit_minor, currency)


def _check(limit_minor: int | None, currency: str) -> None:
    if limit_minor is not None and not 0 <= limit_minor <= MOST_MINOR:
        words = Text(f"A budget is between 0 and {MOST_MINOR} minor units.", f"预算应在 0 与 {MOST_MINOR} 最小货币单位之间。")
        raise fail("invalid", [Problem("price_range", words, pointer="/limit_minor")])
    if currency not in CURRENCIES:
        words = Text("Not an ISO 4217 currency.", "不是 ISO 4217 货币代码。")
        raise fail("invalid", [Problem("unknown_currency", words, pointer="/currency")])


def own_budget(reader: Reader, needs_list_ref: str) -> BudgetView:
    """The acting organisation's budget for a list."""
    reader.permit("needs_list.view")
    number = reader.session.scalar(select(NeedsList.id).where(NeedsList.ref == needs_list_ref))
    if number is None:
        raise fail("not_found")
    found = reader.session.get(NeedsBudget, (number, reader.actor.organisation_id))
    if found is not None:
        return BudgetView(found.limit_minor, found.currency)
    organisation = reader.session.get(Organisation, reader.actor.organisation_id)
    return BudgetView(None, get_profile(organisation.profile).currency if organisation else "CNY")
