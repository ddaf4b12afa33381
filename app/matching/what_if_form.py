"""What a person types into the form of “what if”: read from the address, nothing decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from math import inf
from typing import Any

from flask_babel import gettext as _

from app.catalogue.declaration import AssetKind, Field
from app.catalogue.kinds import KINDS
from app.kernel.errors import Problem, fail
from app.kernel.money import MOST_MINOR, exponent
from app.kernel.text import Text
from app.matching.what_if import WhatIf
from app.needs import NeedView
from app.web.formatting import text

PREFIX = "req."
NUMBER = Text("Give a number.", "请填写数字。")
DAY = Text("Give a day as 2027-01-31.", "请按 2027-01-31 的格式填写日期。")


def movable(kind: AssetKind) -> list[Field]:
    """The requirements that are numbers."""
    return [declared for declared in kind.requirements if declared.type in ("number", "integer")]


def what_if_labels(kind: AssetKind) -> dict[str, str]:
    """The names of the form's controls, in the reader's language."""
    own = {"radius_m": _("Reach"), "budget": _("Budget a year"), "window_start": _("First day"), "window_last": _("Last day")}
    return own | {PREFIX + declared.name: text(declared.label) for declared in movable(kind)}


def typed_values(need: NeedView, args: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows: what was typed, else what the need asks for."""
    last = need.window_end - timedelta(days=1)
    budget = None if need.budget_minor is None else Decimal(need.budget_minor) / 10 ** exponent(need.currency)
    own = {"radius_m": f"{need.radius_m:g}", "budget": budget, "window_start": need.window_start, "window_last": last}
    own |= {PREFIX + f.name: need.requirements.get(f.name) for f in movable(KINDS[need.kind])}
    return {name: args.get(name, "" if value is None else str(value)) for name, value in own.items()}


def read_what_if(need: NeedView, args: Mapping[str, str]) -> WhatIf:
    """Raises `invalid` with every field that cannot be read."""
    problems: list[Problem] = []

    def number(name: str, most: float = inf) -> Decimal | None:
        raw = args.get(name, "").strip().replace(",", "").replace("，", "")
        if not raw:
            return None
        try:
            value = Decimal(raw)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not 0 <= value <= Decimal(most):
            problems.append(Problem("invalid", NUMBER, pointer=f"/{name}"))
            return None
        return value

    def day(name: str) -> date | None:
        raw = args.get(name, "").strip()
        try:
            return date.fromisoformat(raw) if raw else None
        except ValueError:
            problems.append(Problem("invalid", DAY, pointer=f"/{name}"))
            return None

    radius, last = number("radius_m"), day("window_last")
    scale = 10 ** exponent(need.currency)
    budget = number("budget", MOST_MINOR / scale)
    asked = WhatIf(
        radius_m=None if radius is None else float(radius),
        budget_minor=None if budget is None else int(budget * scale),
        window_start=day("window_start"),
        window_end=None if last is None or last == date.max else last + timedelta(days=1),
        requirements={
            f.name: args[PREFIX + f.name].strip() for f in movable(KINDS[need.kind]) if args.get(PREFIX + f.name, "").strip()
        },
    )
    if problems:
        raise fail("invalid", problems)
    return asked
