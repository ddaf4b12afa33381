"""The forms of works: what was typed, as commands; what could not be read, at its field."""

from __future__ import annotations

from datetime import date

from flask import request

from app.catalogue.declaration import Dimension, Sort
from app.catalogue.kinds import KINDS
from app.kernel.errors import Problem, fail
from app.kernel.text import Text
from app.web.forms import day_typed, typed, version_typed
from app.web.placeform import parse_place, typed_number
from app.works.announcing import AddElement, DraftWorks, ElementIn, ReserveMore
from app.works.rules import plannable


def dimensions_of(kind: str) -> list[Dimension]:
    """What can be reserved of a kind."""
    return [d for d in KINDS[kind].dimensions if d.sort is not Sort.LIMIT]


def required_day(name: str) -> date:
    day = day_typed(name)
    if day is None:
        raise fail("invalid", [Problem("required", Text("Give the day.", "请填写日期。"), pointer=f"/{name}")])
    return day


def whole(name: str) -> int:
    """Metres or millimetres, whole. Raises `invalid` at the field."""
    found = typed_number(typed(name))
    if found is None or found != int(found) or found < 0:
        raise fail("invalid", [Problem("invalid", Text("Give a whole number.", "请填写整数。"), pointer=f"/{name}")])
    return int(found)


def amounts_typed(prefix: str, kind: str) -> dict[str, float]:
    """Dimension → amount of the boxes that were filled."""
    found: dict[str, float] = {}
    for dimension in dimensions_of(kind):
        name = f"{prefix}.{dimension.name}"
        if raw := typed(name):
            amount = typed_number(raw)
            if amount is None or amount < 0:
                raise fail("invalid", [Problem("invalid", Text("Give a number.", "请填写数字。"), pointer=f"/{name}")])
            found[dimension.name] = amount
    return found


def works_typed() -> DraftWorks:
    place, problems = parse_place(request.form)
    if problems:
        raise fail("invalid", problems)
    return DraftWorks(
        typed("kind"),
        typed("name"),
        place.geometry if place else None,
        whole("from_m"),
        whole("to_m"),
        required_day("permit_on"),
        required_day("starts_on"),
        required_day("completes_on"),
        typed("description"),
    )


def element_typed(ref: str) -> AddElement:
    kind = typed("element_kind")
    if kind not in plannable():
        raise fail("invalid", [Problem("invalid", Text("Choose the kind.", "请选择类型。"), pointer="/element_kind")])
    element = ElementIn(
        kind,
        typed("name"),
        whole("from_m"),
        whole("to_m"),
        typed("level"),
        whole("bore_mm") if typed("bore_mm") else None,
        amounts_typed(f"capacity.{kind}", kind),
        amounts_typed(f"reserved.{kind}", kind),
    )
    return AddElement(ref, element, version_typed())


def reserve_typed(ref: str, number: int, kind: str) -> ReserveMore:
    return ReserveMore(ref, number, amounts_typed("more", kind), version_typed())
