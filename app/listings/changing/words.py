"""What a bulk change does to one listing, in words: each thing with what it was and what it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.catalogue.tiers import TIERS, Tier
from app.kernel.timewindow import FAR
from app.listings.changing.queries import ItemView
from app.listings.rules import EXCLUSIVITIES, STATUSES
from app.web import formatting

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Delta:
    label: str
    before: str
    after: str


def deltas(item: ItemView) -> list[Delta]:
    """Only what differs."""
    return [delta for delta in _all(item) if delta.before != delta.after]


def _all(item: ItemView) -> Iterator[Delta]:
    was, becomes = item.before, item.after
    if "status" in was:
        yield Delta(_("State"), formatting.text(STATUSES[was["status"]]), formatting.text(STATUSES[becomes["status"]]))
    if "title" in was:
        yield Delta(_("Title"), was["title"], becomes["title"])
    if "offered" in was:
        yield Delta(_("Open to others"), _opened(item, was["offered"]), _opened(item, becomes["offered"]))
    if "price_minor" in was:
        yield Delta(_("Price a year"), _price(item, was), _price(item, becomes))
    if "window_start" in was:
        yield Delta(_("First day"), _day(was["window_start"]), _day(becomes["window_start"]))
    if "window_end" in was:
        yield Delta(_("Last day"), _last(was["window_end"]), _last(becomes["window_end"]))
    if "tier" in was:
        yield Delta(_("Disclosure"), _tier(was["tier"]), _tier(becomes["tier"]))
    if "exclusivity" in was:
        names = EXCLUSIVITIES
        yield Delta(
            _("Who may use it"), formatting.text(names[was["exclusivity"]]), formatting.text(names[becomes["exclusivity"]])
        )
    if "terms" in was:
        yield Delta(_("Terms"), was["terms"] or NOTHING, becomes["terms"] or NOTHING)
    for name, value in was.get("attributes", {}).items():
        declared = next(f for f in item.kind.attributes if f.name == name)
        now = becomes["attributes"][name]
        yield Delta(formatting.text(declared.label), _stated(value, declared), _stated(now, declared))


def _stated(value: Any, declared: Any) -> str:
    return NOTHING if value is None else formatting.field_value(value, declared)


def _opened(item: ItemView, offered: Mapping[str, Any]) -> str:
    if not offered:
        return str(_("all that is free"))
    known = {d.name: d for d in item.kind.dimensions}
    parts = [f"{formatting.text(known[n].label)} {formatting.quantity(a, known[n].unit)}" for n, a in sorted(offered.items())]
    return str(_(", ")).join(parts)


def _price(item: ItemView, facts: Any) -> str:
    if facts["price_minor"] is None:
        return str(_("price on request"))
    return formatting.money(facts["price_minor"], facts.get("currency") or item.currency)


def _day(value: str) -> str:
    return formatting.day(date.fromisoformat(value))


def _last(value: str) -> str:
    end = date.fromisoformat(value)
    return str(_("no end")) if end == FAR else formatting.day(end - timedelta(days=1))


def _tier(name: str) -> str:
    return formatting.text(TIERS[Tier[name]].label)
