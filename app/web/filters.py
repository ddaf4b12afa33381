"""Binds `formatting` to Jinja: each filter reads the locale and the time zone of the request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app
from flask_babel import get_locale

from app.web import formatting
from app.web.formatting import Number


def current_locale() -> str:
    """The locale of the request, `en` outside one."""
    return str(get_locale() or "en")


def current_zone() -> str:
    return str(current_app.config.get("TIMEZONE", "Asia/Shanghai"))


def number(value: Number | None, digits: int | None = None) -> str:
    return formatting.number(value, current_locale(), digits)


def quantity(value: Number | None, unit: str | None = None, digits: int | None = None) -> str:
    return formatting.quantity(value, unit, current_locale(), digits)


def milli(value: int | None, unit: str | None = None, digits: int | None = None) -> str:
    return formatting.milli(value, unit, current_locale(), digits)


def money(minor: int | None, currency: str = "CNY", exact: bool = False) -> str:
    return formatting.money(minor, currency, current_locale(), exact)


def day(value: date | None) -> str:
    return formatting.day(value, current_locale())


def month(value: date | None) -> str:
    return formatting.month(value, current_locale())


def period(start: date | None, end: date | None) -> str:
    return formatting.period(start, end, current_locale())


def moment(value: datetime | None) -> str:
    return formatting.moment(value, current_locale(), current_zone())


def ago(value: datetime | None, now: datetime | None = None) -> str:
    return formatting.ago(value, now or formatting.aware_now(), current_locale())


def distance(metres: Number | None) -> str:
    return formatting.distance(metres, current_locale())


def bearing(degrees: float) -> str:
    return formatting.bearing(degrees, current_locale())


def filesize(octets: int | None) -> str:
    return formatting.file_size(octets, current_locale())


def value(stored: object, unit: str | None = None) -> str:
    return formatting.value_of(stored, unit, current_locale())


def field_value(stored: object, declared: Any) -> str:
    return formatting.field_value(stored, declared, current_locale())


def text(words: Any) -> str:
    return formatting.text(words, current_locale())


FILTERS: dict[str, Callable[..., str]] = {
    "number": number, "quantity": quantity, "milli": milli, "money": money, "day": day, "month": month, "moment": moment,
    "ago": ago, "distance": distance, "bearing": bearing, "filesize": filesize, "value": value, "field_value": field_value, "text": text,
}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        period=period, coordinates=formatting.coordinates, current_locale=current_locale,
        html_lang=lambda: formatting.language_tag(current_locale()),
    )
