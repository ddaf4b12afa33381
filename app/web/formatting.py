"""Jinja's filters and helpers for numbers, units, money, dates, places and declared fields, in the language of the request.

Binds `app.web.writing` to the request; decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps

from flask import Flask, current_app
from flask_babel import get_locale, gettext
from jinja2 import pass_context
from jinja2.runtime import Context

from app.catalogue.declaration import Field
from app.kernel.quantity import Number, number_ranges
from app.kernel.text import LOCALES, Text
from app.web import writing
from app.web.placeform import CRS_CHOICES

BUS = "infrashare_bus"


def current_locale() -> str:
    """The locale of the request, as `LOCALES` names it; `en` outside one."""
    locale = get_locale()
    return next((name for name in LOCALES if locale is not None and name.split("_")[0] == locale.language), LOCALES[0])


def current_zone() -> str:
    return str(current_app.config.get("TIMEZONE", "Asia/Shanghai"))


def number(value: Number | None, digits: int | None = None) -> str:
    return writing.number(value, digits)


def quantity(value: Number | None, unit: str | None = None, digits: int | None = None) -> str:
    return writing.quantity(value, unit, current_locale(), digits)


def unit_name(unit: str) -> str:
    return writing.unit_name(unit, current_locale())


def milli(value: int | None, unit: str | None = None) -> str:
    return writing.milli(value, unit, current_locale())


def money(minor: int | None, currency: str = "CNY") -> str:
    return writing.money(minor, currency, current_locale())


def day(value: date | None) -> str:
    return writing.day(value, current_locale())


def month(value: date | None) -> str:
    return writing.month(value, current_locale())


def period(start: date | None, end: date | None = None) -> str:
    return writing.period(start, end, current_locale())


def window(value: writing.Windowed | None) -> str:
    """The filter for a `Window`."""
    return writing.NOTHING if value is None else period(value.start, value.end)


def moment(value: datetime | None) -> str:
    return writing.moment(value, current_locale(), current_zone())


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """Before or after `now`: by the clock that the application goes by, where it has one."""
    bus = current_app.extensions.get(BUS)
    return writing.ago(value, now or (bus.clock.now() if bus else writing.aware_now()), current_locale())


def distance(metres: float | None) -> str:
    return writing.distance(metres, current_locale())


def bearing(degrees: float) -> str:
    return writing.bearing(degrees, current_locale())


def filesize(octets: int | None) -> str:
    return writing.file_size(octets, current_locale())


def value(stored: object, unit: str | None = None) -> str:
    return writing.value_of(stored, unit, current_locale())


def field_value(stored: object, declared: Field) -> str:
    return writing.field_value(stored, declared, current_locale())


def text(words: Text | str | None) -> str:
    return writing.text(words, current_locale())


def field_hint(declared: Field) -> str:
    return writing.field_hint(declared, current_locale())


def choices(declared: Field) -> list[tuple[str, str]]:
    """The options of a choice, for `forms.select`."""
    return [(choice.value, text(choice.label)) for choice in declared.choices]


@dataclass(frozen=True, slots=True)
class FieldGroup:
    label: Text
    fields: tuple[Field, ...]


def field_groups(declared: Iterable[Field]) -> list[FieldGroup]:
    """Declared fields in their groups, both in the order of the declaration."""
    groups: dict[Text, list[Field]] = {}
    for item in declared:
        groups.setdefault(item.group, []).append(item)
    return [FieldGroup(label, tuple(fields)) for label, fields in groups.items()]


def in_groups(declared: Iterable[Field]) -> list[Field]:
    """Declared fields as a form shows them: group by group."""
    return [field for group in field_groups(declared) for field in group.fields]


def crs_choices() -> list[tuple[str, str]]:
    """The coordinate systems that a form offers by name."""
    return [(code, text(words)) for code, words in CRS_CHOICES]


def place_label(name: str) -> str | None:
    """What the fields of a place are called, whatever their prefix; None for another field."""
    found = re.search(r"(?:^|[._])(lon|lat|radius_m|wkt|paste|crs|declared_crs|crs_other|shape)$", name)
    labels = {
        "lon": gettext("Longitude"),
        "lat": gettext("Latitude"),
        "radius_m": gettext("Radius"),
        "wkt": gettext("Line or area"),
        "paste": gettext("Or paste a position"),
        "crs": gettext("Coordinates are in"),
        "declared_crs": gettext("Coordinates are in"),
        "crs_other": gettext("EPSG code"),
        "shape": gettext("Shape"),
    }
    return labels[found[1]] if found else None


def shape_names(shapes: Iterable[str]) -> list[tuple[str, str]]:
    names = {"point": gettext("Point"), "circle": gettext("Point and radius"), "line": gettext("Line"), "area": gettext("Area")}
    return [(shape, names[shape]) for shape in shapes]


FILTERS: Mapping[str, Callable[..., str]] = {
    "number": number,
    "quantity": quantity,
    "unit_name": unit_name,
    "milli": milli,
    "number_ranges": number_ranges,
    "money": money,
    "day": day,
    "month": month,
    "window": window,
    "moment": moment,
    "ago": ago,
    "distance": distance,
    "bearing": bearing,
    "filesize": filesize,
    "value": value,
    "field_value": field_value,
    "text": text,
}


def per_request(write: Callable[..., str]) -> Callable[..., str]:
    """`write` as a filter that Jinja never works out while it compiles: that would fix the language of the first reader."""

    @pass_context
    @wraps(write)
    def filtered(_context: Context, *args: object, **options: object) -> str:
        return write(*args, **options)

    return filtered


def init(app: Flask) -> None:
    app.jinja_env.filters.update({name: per_request(write) for name, write in FILTERS.items()})
    app.jinja_env.globals.update(
        period=period,
        coordinates=writing.coordinates,
        current_locale=current_locale,
        field_hint=field_hint,
        choices=choices,
        field_groups=field_groups,
        shape_names=shape_names,
        crs_choices=crs_choices,
        place_label=place_label,
        html_lang=lambda: writing.language_tag(current_locale()),
    )
