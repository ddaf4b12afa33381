"""The form of a need: made from the kind's declaration, read into `NeedFacts`, and filled again from what was typed or stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from app.catalogue.declaration import AssetKind
from app.kernel.errors import Problem
from app.kernel.money import MOST_MINOR, exponent
from app.kernel.text import Text
from app.kernel.timewindow import day_after
from app.needs.checking import NeedFacts
from app.needs.views import NeedView
from app.web.formatting import in_groups, place_label
from app.web.i18n import current_locale
from app.web.inputs import MOST_COUNT
from app.web.placeform import parse_place, place_values, typed_crs, typed_number

SHAPE_IN_FORM = {"circle": "circle", "area": "area", "route": "line"}
SHAPE_STORED = {form: stored for stored, form in SHAPE_IN_FORM.items()}
PREFIX = "requirements."
PLACE_FIELDS = {"lon", "lat", "wkt", "paste", "crs", "crs_other"}
ON_FORM = {
    "window_end": "window_last",
    "alternative": "alternative.description",
    "alternative.cost_minor": "alternative.cost",
    "budget_minor": "budget",
    "kind": "needs_list",  # chosen before: what is refused is the list that does not take it
}


class Reading:
    """Collects values and problems of one form."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        return self.form.get(name, "").strip()

    def wrong(self, name: str, en: str, zh: str) -> None:
        self.problems.append(Problem("invalid", Text(en, zh), pointer=f"/{name}"))

    def day(self, name: str) -> date | None:
        raw = self.text(name)
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            self.wrong(name, "Give a date as year-month-day.", "请按 年-月-日 填写日期。")
            return None

    def whole(self, name: str) -> int | None:
        raw = self.text(name)
        if not raw:
            return None
        value = typed_number(raw)
        if value is None or value != int(value) or value < 0:
            self.wrong(name, "Give a whole number.", "请填写整数。")
            return None
        if value > MOST_COUNT:
            self.wrong(name, f"At most {MOST_COUNT}.", f"不大于 {MOST_COUNT}。")
            return None
        return int(value)

    def minor(self, name: str, currency: str) -> int | None:
        """Money typed in whole units, as minor units."""
        raw = self.text(name).replace(",", "").replace("，", "")
        if not raw:
            return None
        try:
            value = Decimal(raw) * 10 ** exponent(currency)
        except InvalidOperation:
            self.wrong(name, "Give an amount of money.", "请填写金额。")
            return None
        if not value.is_finite() or value < 0 or value != value.to_integral_value() or value > MOST_MINOR:
            self.wrong(name, "Give an amount of money without parts of the smallest coin.", "金额精确到最小货币单位，且不为负。")
            return None
        return int(value)


def read_need(form: Mapping[str, str], kind: AssetKind, currency: str) -> tuple[NeedFacts, list[Problem]]:
    """The facts as typed, and what could not be read; what is read may still be refused by the rules."""
    reading = Reading(form)
    place, reading.problems = parse_place(form)
    last = reading.day("window_last")
    shape = form.get("shape", "")
    facts = NeedFacts(
        kind=kind.name,
        title=reading.text("title"),
        shape=SHAPE_STORED.get(shape, shape),
        geometry=place.geometry if place else None,
        radius_m=typed_number(reading.text("radius_m") or "0") or 0.0,
        declared_crs=place.crs if place else typed_crs(form),
        requirements={f.name: reading.text(PREFIX + f.name) for f in kind.requirements if reading.text(PREFIX + f.name)},
        window_start=reading.day("window_start"),
        window_end=None if last is None else day_after(last),
        latest_start=reading.day("latest_start"),
        minimum_term_months=reading.whole("minimum_term_months"),
        budget_minor=reading.minor("budget", currency),
        currency=currency,
        priority=reading.text("priority") or "normal",
        purpose=reading.text("purpose") or "general",
        accepts_cobuild=bool(reading.text("accepts_cobuild")),
        divisible=bool(reading.text("divisible")),
        tier=reading.text("tier") or "T0",
        alternative=_alternative(reading, currency),
        note=reading.text("note") or None,
        owner_ref=reading.text("owner_ref") or None,
    )
    return facts, reading.problems


def _alternative(reading: Reading, currency: str) -> dict[str, Any] | None:
    description = reading.text("alternative.description")
    stated = {"cost_minor": reading.minor("alternative.cost", currency), "days": reading.whole("alternative.days")}
    if description:
        return {"description": description, **stated}
    if any(value is not None for value in stated.values()):
        reading.wrong("alternative.description", "Say what it is that costs this.", "请说明该费用或工期对应的建设方案。")
    return None


def form_labels(kind: AssetKind) -> dict[str, str]:
    """What the error summary calls each field, in the order of the form."""
    locale = current_locale()
    return {
        "needs_list": _("Needs list"),
        "title": _("Name"),
        "owner_ref": _("Your own number for it"),
        "priority": _("Priority"),
        "purpose": _("Nature of the need"),
        "shape": _("Shape"),
        "lon": _("Longitude"),
        "lat": _("Latitude"),
        "radius_m": _("Radius"),
        "wkt": _("Line or area as WKT"),
        **{name: place_label(name) or name for name in ("paste", "crs", "crs_other")},
        **{PREFIX + f.name: f.label.in_(locale) for f in in_groups(kind.requirements)},
        "window_start": _("First day"),
        "window_last": _("Last day"),
        "latest_start": _("Latest start"),
        "minimum_term_months": _("Shortest term"),
        "budget": _("Budget a year"),
        "alternative.description": _("What you would build alone"),
        "alternative.cost": _("Its cost"),
        "alternative.days": _("Days it takes"),
        "tier": _("Disclosure"),
        "note": _("Note"),
    }


def typed_errors(errors: Mapping[str, str], shape: str) -> dict[str, str]:
    """Messages at the fields as the form names them; what is wrong with the geometry stands at the field that was typed."""
    found: dict[str, str] = {}
    for name, message in errors.items():
        found.setdefault(ON_FORM.get(name, name), message)
    geometry = found.pop("geometry", None)
    if geometry and not found.keys() & PLACE_FIELDS:
        found["wkt" if shape in ("line", "area") else "lon"] = geometry
    return found


def stored_values(need: NeedView) -> dict[str, Any]:
    """The form's values for a stored need."""
    scale = 10 ** exponent(need.currency)
    alternative = need.alternative or {}
    cost = alternative.get("cost_minor")
    return {
        **place_values(SHAPE_IN_FORM[need.shape], need.geometry, need.radius_m),
        **{PREFIX + k: v for k, v in need.requirements.items()},
        "title": need.title,
        "window_start": need.window_start.isoformat(),
        "window_last": (need.window_end - timedelta(days=1)).isoformat(),
        "latest_start": need.latest_start.isoformat() if need.latest_start else "",
        "minimum_term_months": need.minimum_term_months,
        "budget": "" if need.budget_minor is None else Decimal(need.budget_minor) / scale,
        "priority": need.priority,
        "purpose": need.purpose,
        "accepts_cobuild": need.accepts_cobuild,
        "divisible": need.divisible,
        "tier": need.tier,
        "note": need.note or "",
        "owner_ref": need.owner_ref or "",
        "alternative.description": alternative.get("description", ""),
        "alternative.days": alternative.get("days"),
        "alternative.cost": "" if cost is None else Decimal(cost) / scale,
    }
