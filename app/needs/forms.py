"""The form of a need: made from the kind's declaration, read into `NeedFacts`, and filled again from what was typed or stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.catalogue.declaration import AssetKind
from app.kernel.errors import Problem, fail
from app.kernel.money import exponent
from app.kernel.text import Text
from app.needs.service import NeedFacts
from app.needs.views import NeedView
from app.web.placeform import parse_place, place_values, typed_number

SHAPE_IN_FORM = {"circle": "circle", "area": "area", "route": "line"}
SHAPE_STORED = {form: stored for stored, form in SHAPE_IN_FORM.items()}
PREFIX = "requirements."


class Reading:
    """Collects values and problems of one form."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.problems: list[Problem] = []

    def text(self, name: str) -> str:
        return self.form.get(name, "").strip()

    def wrong(self, name: str, en: str, zh: str) -> None:
        self.problems.append(Problem("invalid", Text(en, zh), pointer=f"/{name}"))

    def day(self, name: str, *, required: bool = False) -> date | None:
        raw = self.text(name)
        if not raw:
            if required:
                self.wrong(name, "Give a date.", "请填写日期。")
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
        if value < 0 or value != value.to_integral_value():
            self.wrong(name, "Give an amount of money without parts of the smallest coin.", "金额精确到最小货币单位，且不为负。")
            return None
        return int(value)


def read_need(form: Mapping[str, str], kind: AssetKind, currency: str) -> NeedFacts:
    """The facts typed into the form. Raises `invalid` with every problem that reading finds."""
    reading = Reading(form)
    place, problems = parse_place(form)
    reading.problems += problems
    start, last = reading.day("window_start", required=True), reading.day("window_last", required=True)
    facts: dict[str, Any] = {
        "latest_start": reading.day("latest_start"),
        "minimum_term_months": reading.whole("minimum_term_months"),
        "budget_minor": reading.minor("budget", currency),
        "alternative": _alternative(reading, currency),
    }
    if reading.problems or place is None or start is None or last is None:
        raise fail("invalid", reading.problems)
    requirements = {f.name: reading.text(PREFIX + f.name) for f in kind.requirements if reading.text(PREFIX + f.name)}
    return NeedFacts(
        kind=kind.name,
        title=reading.text("title"),
        shape=SHAPE_STORED.get(place.shape, place.shape),
        geometry=place.geometry,
        radius_m=place.radius_m,
        declared_crs=place.crs,
        requirements=requirements,
        window_start=start,
        window_end=last + timedelta(days=1),
        currency=currency,
        priority=reading.text("priority") or "normal",
        purpose=reading.text("purpose") or "general",
        accepts_cobuild=bool(reading.text("accepts_cobuild")),
        divisible=bool(reading.text("divisible")),
        tier=reading.text("tier") or "T0",
        note=reading.text("note") or None,
        owner_ref=reading.text("owner_ref") or None,
        **facts,
    )


def _alternative(reading: Reading, currency: str) -> dict[str, Any] | None:
    description = reading.text("alternative.description")
    if not description:
        return None
    return {
        "description": description,
        "cost_minor": reading.minor("alternative.cost", currency),
        "days": reading.whole("alternative.days"),
    }


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
