"""The form of a bulk change: what is left empty stays as it is, what is ticked is taken away."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from app.assets import FormReader
from app.catalogue.declaration import AssetKind, Dimension
from app.kernel.errors import Problem, fail
from app.kernel.timewindow import day_after
from app.listings.changing.choosing import Choice
from app.listings.changing.rules import Wanted, common_attributes, common_dimensions
from app.listings.forms import minor_typed
from app.listings.search import args_of, read_search

TAKE_AWAY = "-"
CLEARED = {"price": "price_minor", "window_last": "window_end", "terms": "terms"}


def read_choice(form: MultiDict[str, str], currency: str) -> Choice:
    """The listings that are ticked, or, with `all`, those of the filter in `query`. A filter that cannot be read is refused: the
    list leaves it out, a change must not."""
    if not form.get("all"):
        return Choice(refs=tuple(form.getlist("listing")))
    args = args_of(form.get("query", ""))
    args["owner"] = "mine"
    search = read_search(args, currency)
    if search.wrong:
        raise fail("invalid", [Problem("invalid", said, pointer="/listings") for said in search.wrong.values()])
    return Choice(filter=search.wanted)


def read_wanted(form: MultiDict[str, str], kinds: Iterable[AssetKind], currency: str) -> tuple[Wanted, list[Problem]]:
    """The change as typed, and what could not be read. `currency`: of a price that is set."""
    reading, kinds = FormReader(form), list(kinds)
    cleared = set(form.getlist("clear"))
    terms: dict[str, Any] = {CLEARED[name]: None for name in cleared if name in CLEARED}
    price = minor_typed(reading, currency)
    if price is not None:
        terms |= {"price_minor": price, "currency": currency}
    start, last = reading.day("window_start"), reading.day("window_last")
    if start is not None:
        terms["window_start"] = start
    if last is not None:
        terms["window_end"] = day_after(last)
    terms |= {name: reading.text(name) for name in ("title", "tier", "exclusivity", "terms") if reading.text(name)}
    percent = reading.number("price_percent")
    attributes: dict[str, Any] = {}
    for declared in common_attributes(kinds):
        name = f"attributes.{declared.name}"
        typed = reading.text(name)
        if typed == TAKE_AWAY or name in cleared:
            attributes[declared.name] = None
        elif typed:
            attributes[declared.name] = typed
    exact = None if percent is None else Decimal(str(percent))
    offered = _offered(reading, common_dimensions(kinds), "offered" in cleared)
    return Wanted(terms, exact, attributes, reading.text("action") or None, offered), reading.problems


def _offered(reading: FormReader, dimensions: Iterable[Dimension], everything: bool) -> dict[str, Any] | None:
    amounts = {d.name: reading.text(f"offered.{d.name}") for d in dimensions if reading.text(f"offered.{d.name}")}
    if everything and amounts:
        name = next(iter(amounts))
        reading.wrong(f"offered.{name}", "Give amounts, or open everything: not both.", "填写数量与全部开放只能选一项。")
    return amounts if amounts or everything else None
