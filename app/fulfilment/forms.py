"""What is typed into the forms of fulfilment, as the use cases take it. Raises `invalid` at the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.agreements import AgreementView
from app.catalogue.declaration import Sort
from app.catalogue.profiles import get_profile
from app.fulfilment.rules import MakeReady
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.money import Money
from app.kernel.quantity import decimal_of
from app.kernel.text import Text
from app.web.forms import day_typed, typed

MOST_ITEMS = 20
ITEM_FIELDS = ("title", "cause", "amount", "violator", "owner_share", "requester_share")


def required_day(name: str) -> date:
    day = day_typed(name)
    if day is None:
        raise fail("invalid", [Problem("required", Text("Give the day.", "请填写日期。"), pointer=f"/{name}")])
    return day


def money_typed(name: str, view: AgreementView) -> int:
    """Minor units of the jurisdiction's currency; an empty box is nothing."""
    raw = typed(name).replace(",", "")
    if not raw:
        return 0
    try:
        return Money.of(raw, get_profile(view.profile).currency).minor
    except DomainError as error:
        raise fail("invalid", [Problem("invalid", error.text, pointer=f"/{name}")]) from None


def item_rows(values: Mapping[str, Any], least: int) -> list[dict[str, str]]:
    """The rows of the make-ready form: as typed, and empty ones up to `least`."""
    filled = [
        {name: str(values.get(f"i{n}.{name}", "")) for name in ITEM_FIELDS}
        for n in range(1, MOST_ITEMS + 1)
        if any(values.get(f"i{n}.{name}") for name in ("title", "amount"))
    ]
    return filled + [dict.fromkeys(ITEM_FIELDS, "") for _ in range(least - len(filled))]


def items_typed(view: AgreementView) -> list[MakeReady]:
    """The rows that say something, in order."""
    return [_item(n, view) for n in range(1, MOST_ITEMS + 1) if typed(f"i{n}.title") or typed(f"i{n}.amount")]


def _item(n: int, view: AgreementView) -> MakeReady:
    weights = {
        party.id: _whole(f"i{n}.{name}")
        for name, party in (("owner_share", view.row.owner), ("requester_share", view.row.requester))
        if typed(f"i{n}.{name}")
    }
    return MakeReady(
        typed(f"i{n}.title"), typed(f"i{n}.cause"), money_typed(f"i{n}.amount", view), weights, typed(f"i{n}.violator")
    )


def _whole(name: str) -> int:
    raw = typed(name)
    if not raw.isdigit():
        raise fail("invalid", [Problem("invalid", Text("Give a whole number.", "请填写整数。"), pointer=f"/{name}")])
    return int(raw)


def built_typed(view: AgreementView) -> dict[int, dict[str, float]]:
    """Line number → dimension → amount, of the boxes that were filled."""
    found: dict[int, dict[str, float]] = {}
    problems: list[Problem] = []
    for line in view.lines:
        for dimension in line.kind.dimensions:
            name = f"built.{line.number}.{dimension.name}"
            raw = typed(name).replace(",", "")
            if dimension.sort is Sort.LIMIT or not raw:
                continue
            try:
                found.setdefault(line.number, {})[dimension.name] = float(decimal_of(raw))
            except DomainError as error:
                problems.append(Problem("invalid", error.text, pointer=f"/{name}"))
    if problems:
        raise fail("invalid", problems)
    return found
