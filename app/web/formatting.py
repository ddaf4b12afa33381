"""How numbers, units, money, dates and places read in each language: pure functions, and the Jinja filters made of them.

Owns no decision and no rounding of stored values: what is shown is rounded here, what is kept is not.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision

from app.kernel.text import Text

NBSP = "\u00a0"
MINUS = "\u2212"
MILLI = 1000
Number = int | float | Decimal

# Units that are counted, not measured: singular, plural, Chinese.
COUNTED: dict[str, tuple[str, str, str]] = {
    "position": ("position", "positions", "个平台"),
    "hole": ("hole", "holes", "孔"),
    "subduct": ("subduct", "subducts", "根子管"),
    "core": ("core", "cores", "芯"),
    "pair": ("pair", "pairs", "对"),
    "d": ("day", "days", "天"),
    "working_day": ("working day", "working days", "个工作日"),
    "month": ("month", "months", "个月"),
    "year": ("year", "years", "年"),
}
COMPASS = (
    Text("north", "北"), Text("north-east", "东北"), Text("east", "东"), Text("south-east", "东南"),
    Text("south", "南"), Text("south-west", "西南"), Text("west", "西"), Text("north-west", "西北"),
)


def is_chinese(locale: str) -> bool:
    return locale.lower().startswith("zh")


def decimals(value: Number, digits: int | None) -> str:
    """The pattern of a number: `digits` fixed, or as many as say something (3 significant, never hiding a whole unit)."""
    if digits is not None:
        return "#,##0" + ("." + "0" * digits if digits else "")
    size = abs(value)
    places = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 4
    return "#,##0" + ("." + "#" * places if places else "")


def number(value: Number | None, locale: str, digits: int | None = None) -> str:
    """`12,345.6`, with a true minus sign; a dash for nothing."""
    if value is None:
        return "–"
    return str(format_decimal(value, format=decimals(value, digits), locale=locale)).replace("-", MINUS)


def quantity(value: Number | None, unit: str | None, locale: str, digits: int | None = None) -> str:
    """A number with its unit: `3.4 m`, `2 positions`, `2 个平台`."""
    shown = number(value, locale, digits)
    if not unit or value is None:
        return shown
    if unit == "%" and is_chinese(locale):
        return f"{shown}%"
    if unit in COUNTED:
        one, many, chinese = COUNTED[unit]
        return f"{shown}{NBSP}{chinese if is_chinese(locale) else one if value == 1 else many}"
    return f"{shown}{NBSP}{unit}"


def milli(value: int | None, unit: str | None, locale: str, digits: int | None = None) -> str:
    """An amount kept in thousandths of its unit."""
    return quantity(None if value is None else Decimal(value) / MILLI, unit, locale, digits)


def money(minor: int | None, currency: str, locale: str, exact: bool = False) -> str:
    """`¥ 26,000` or `26,000 元`; with the minor units where there are any, or always when `exact` (invoices)."""
    if minor is None:
        return "–"
    precision = get_currency_precision(currency)
    amount = Decimal(minor).scaleb(-precision)
    digits = precision if exact or amount != amount.to_integral_value() else 0
    if currency == "CNY":
        shown = number(amount, locale, digits)
        return f"{shown}{NBSP}元" if is_chinese(locale) else f"¥{NBSP}{shown}"
    pattern = "¤" + NBSP + "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_currency(amount, currency, pattern, locale=locale, currency_digits=False)).replace("-", MINUS)


def day(value: date | None, locale: str) -> str:
    """`1 Jan 2027`, `2027年1月1日`."""
    if value is None:
        return "–"
    return str(format_date(value, "y年M月d日" if is_chinese(locale) else "d MMM y", locale=locale))


def month(value: date | None, locale: str) -> str:
    """`Jan 2027`, `2027年1月`."""
    return "–" if value is None else str(format_skeleton("yMMM", value, locale=locale))


def period(start: date | None, end: date | None, locale: str) -> str:
    """A half-open window `[start, end)` as people say it: first day to last day."""
    if start is None and end is None:
        return Text("any time", "不限").in_(locale)
    if end is None:
        return Text("from {day}", "{day}起").format(day=day(start, locale)).in_(locale)
    last = end - timedelta(days=1)
    if start is None:
        return Text("until {day}", "至{day}").format(day=day(last, locale)).in_(locale)
    return f"{day(start, locale)}{'至' if is_chinese(locale) else ' – '}{day(last, locale)}"


def moment(value: datetime | None, locale: str, zone: str) -> str:
    """An instant on the wall clock of `zone`: `3 Aug 2026, 14:05`."""
    if value is None:
        return "–"
    local = value.astimezone(ZoneInfo(zone))
    return str(format_datetime(local, "y年M月d日 HH:mm" if is_chinese(locale) else "d MMM y, HH:mm", locale=locale))


def ago(value: datetime | None, now: datetime, locale: str) -> str:
    """How long before or after `now`: `2 minutes ago`, `3 天后`."""
    if value is None:
        return "–"
    return str(format_timedelta(value - now, locale=locale, add_direction=True, threshold=1.2))


def distance(metres: Number | None, locale: str) -> str:
    """Metres below a kilometre, kilometres above."""
    if metres is None:
        return "–"
    return quantity(round(metres), "m", locale) if abs(metres) < 1000 else quantity(metres / 1000, "km", locale)


def bearing(degrees: float, locale: str) -> str:
    """The name of the nearest of eight directions."""
    return COMPASS[math.floor(degrees % 360 / 45 + 0.5) % 8].in_(locale)


def coordinates(lon: float, lat: float, digits: int = 5) -> str:
    """`114.02130, 22.65410`: lon, lat as stored, the same in both languages so that it can be copied."""
    return f"{lon:.{digits}f}, {lat:.{digits}f}"


def file_size(octets: int | None, locale: str) -> str:
    if octets is None:
        return "–"
    size, unit = float(octets), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return quantity(size, unit, locale)


def value_of(value: object, unit: str | None, locale: str) -> str:
    """Any value of a declared field, for a person: text, yes or no, a day, a number with its unit."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return (Text("Yes", "是") if value else Text("No", "否")).in_(locale)
    if isinstance(value, Text):
        return value.in_(locale)
    if isinstance(value, datetime):
        return moment(value, locale, "UTC")
    if isinstance(value, date):
        return day(value, locale)
    if isinstance(value, int | float | Decimal):
        return quantity(value, unit, locale)
    return str(value)


def language_tag(locale: str) -> str:
    """The BCP 47 tag for `<html lang>`: `zh_CN` is `zh-CN`."""
    return str(Locale.parse(locale)).replace("_", "-").replace("-Hans-", "-")


def aware_now() -> datetime:
    return datetime.now(UTC)


def text(value: Text | str | None, locale: str) -> str:
    """A catalogue `Text` in the reader's language; a plain string as it is."""
    return value.in_(locale) if isinstance(value, Text) else "" if value is None else str(value)


def field_value(value: Any, declared: Any, locale: str) -> str:
    """A stored value of a `catalogue.declaration.Field`: the label of a choice, else `value_of`."""
    if declared.type == "choice":
        label = next((choice.label for choice in declared.choices if choice.value == value), None)
        return label.in_(locale) if label is not None else value_of(value, None, locale)
    return value_of(value, declared.unit, locale)
