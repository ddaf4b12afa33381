"""The form of the route page: what was typed, as a question; and what stands in its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import MAXYEAR, date
from typing import Any

from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.matching.routing.question import End, RouteQuestion
from app.web.placeform import parse_place, typed_number

A, B = "a_", "b_"
FindEnd = Callable[[str], End]
NUMBERS: Mapping[str, Text] = {
    "quantity": Text("Give a whole number.", "请填写整数。"),
    "loss_budget_db": Text("Give a number of decibels.", "请填写分贝数。"),
    "length_limit_km": Text("Give a number of kilometres.", "请填写千米数。"),
    "handover": Text("Give an amount.", "请填写金额。"),
    "build": Text("Give an amount a metre.", "请填写每米金额。"),
}


def read_question(form: Mapping[str, str], today: date, find_end: FindEnd) -> RouteQuestion:
    """The question that was typed. `find_end`: the place of a listing. Raises `invalid`, each problem at its field."""
    problems: list[Problem] = []
    ends = [_end(form, prefix, find_end, problems) for prefix in (A, B)]
    numbers = {name: _number(form, name, problems) for name in NUMBERS}
    window = [_day(form, name, problems) for name in ("start", "end")]
    kind = form.get("kind", "")
    if kind not in KINDS:
        problems.append(Problem("invalid", Text("Choose a kind.", "请选择类别。"), pointer="/kind"))
    if problems or ends[0] is None or ends[1] is None:
        raise fail("invalid", problems)
    start = window[0] or today
    more: dict[str, Any] = {}
    if numbers["handover"] is not None:
        more["handover_minor"] = round(numbers["handover"] * 100)
    if numbers["build"] is not None:
        more["build_minor_m"] = round(numbers["build"] * 100)
    limit = numbers["length_limit_km"]
    return RouteQuestion(
        kind=kind,
        start=ends[0],
        goal=ends[1],
        units=int(numbers["quantity"] or 1),
        window_start=start,
        window_end=window[1] or start.replace(year=min(start.year + 5, MAXYEAR), day=min(start.day, 28)),
        loss_budget_db=numbers["loss_budget_db"],
        length_limit_m=None if limit is None else limit * 1000,
        diversity=form.get("diversity", "risk"),
        **more,
    )


def _end(form: Mapping[str, str], prefix: str, find_end: FindEnd, problems: list[Problem]) -> End | None:
    """A or B: by the reference of a listing where one is given, else by coordinates."""
    if wanted := form.get(f"{prefix}listing", "").strip().lower():
        try:
            return find_end(wanted)
        except DomainError as error:
            if error.code != "not_found":
                raise
            unseen = Text("No listing that you may see has that reference.", "没有您可查看的该编号资源。")
            problems.append(Problem("invalid", unseen, pointer=f"/{prefix}listing"))
            return None
    place, wrong = parse_place(form, prefix)
    problems += wrong
    return None if place is None else End(place.geometry.x, place.geometry.y)


def _number(form: Mapping[str, str], name: str, problems: list[Problem]) -> float | None:
    raw = form.get(name, "").strip()
    if not raw:
        return None
    found = typed_number(raw)
    if found is None or found < 0 or (name == "quantity" and found != int(found)):
        problems.append(Problem("invalid", NUMBERS[name], pointer=f"/{name}"))
        return None
    return found


def _day(form: Mapping[str, str], name: str, problems: list[Problem]) -> date | None:
    raw = form.get(name, "").strip()
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        wrong = Text("Give a day as 2027-01-31.", "请按 2027-01-31 的格式填写日期。")
        problems.append(Problem("invalid", wrong, pointer=f"/{name}"))
        return None


def values_of(question: RouteQuestion) -> dict[str, str]:
    """What the fields hold for a question."""
    return {
        "kind": question.kind,
        "a_lon": f"{question.start.lon:.6f}",
        "a_lat": f"{question.start.lat:.6f}",
        "b_lon": f"{question.goal.lon:.6f}",
        "b_lat": f"{question.goal.lat:.6f}",
        "a_listing": question.start.listing_ref or "",
        "b_listing": question.goal.listing_ref or "",
        "quantity": str(question.units),
        "start": question.window_start.isoformat(),
        "end": question.window_end.isoformat(),
        "loss_budget_db": "" if question.loss_budget_db is None else f"{question.loss_budget_db:g}",
        "length_limit_km": "" if question.length_limit_m is None else f"{question.length_limit_m / 1000:g}",
        "diversity": question.diversity,
        "handover": "" if question.handover_minor is None else f"{question.handover_minor / 100:g}",
        "build": "" if question.build_minor_m is None else f"{question.build_minor_m / 100:g}",
    }
