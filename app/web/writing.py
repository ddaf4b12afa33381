"""How dates, places and values read in each language: pure functions. Numbers, units and money are written by the kernel, so that
a page and the engine's sentences agree; here they only get spaces that do not break.

Owns no decision and no rounding of stored values: what is shown is rounded, what is kept is not.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta

from app.catalogue.declaration import Field
from app.kernel.money import SYMBOLS, format_money
from app.kernel.quantity import UNITS, Number, format_number, format_quantity, from_milli
from app.kernel.text import Text
from app.kernel.timewindow import FAR

NBSP = "\u00a0"
NOTHING = "–"
MARKS = {
    word
    for unit in UNITS.values()
    for word in (unit.symbol, unit.plural, *((unit.mark.en, unit.mark.zh) if unit.mark else ()))
    if word
}
COMPASS = (
    Text("north", "北"),
    Text("north-east", "东北"),
    Text("east", "东"),
    Text("south-east", "东南"),
    Text("south", "南"),
    Text("south-west", "西南"),
    Text("west", "西"),
    Text("north-west", "西北"),
)


def _any(words: set[str]) -> str:
    """One of `words`, the longest first; a word of letters ends where letters end, a Chinese one anywhere."""
    return "|".join(
        re.escape(word) + (r"(?![A-Za-z])" if word[-1].isascii() else "") for word in sorted(words, key=len, reverse=True)
    )


AMOUNT = re.compile(rf"(?:(?<=\d) (?={_any(MARKS)})|(?:(?<=[^A-Za-z])|^)({_any(set(SYMBOLS.values()))}|[A-Z]{{3}}) (?=\d))")


class Windowed(Protocol):
    """Anything with a half-open window of days, such as `kernel.timewindow.Window`."""

    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...


def is_chinese(locale: str) -> bool:
    return locale.lower().startswith("zh")


def unbroken(written: str) -> str:
    """`written` on one line: a number keeps its unit, and a minus is a minus."""
    return written.replace(" ", NBSP).replace("-", "\u2212")


@lru_cache(4096)  # a page of matches says the same few sentences a thousand times
def kept_together(sentence: str) -> str:
    """`sentence` for a page: no number is on another line than its unit or its currency."""
    return AMOUNT.sub(lambda found: (found[1] or "") + NBSP, sentence)


def number(value: Number | None, digits: int | None = None) -> str:
    """`12,345.6`: as many digits as a reader can use, or `digits`; a dash for nothing."""
    if value is None:
        return NOTHING
    return unbroken(format_number(value) if digits is None else f"{Decimal(str(value)):,.{digits}f}")


def quantity(value: Number | None, unit: str | None, locale: str, digits: int | None = None) -> str:
    """A number with its unit: `3.4 m`, `2 positions`, `2 个`."""
    if value is None:
        return NOTHING
    if digits is None:
        return unbroken(format_quantity(value, unit, locale))
    shown = Decimal(f"{Decimal(str(value)):.{digits}f}")
    name = unit_name(unit, locale, shown) if unit else ""
    return unbroken(f"{shown:,.{digits}f}{'' if name in ('', '%') else ' '}{name}")


def unit_name(unit: str, locale: str, value: Decimal = Decimal(2)) -> str:
    """The unit alone, as it stands beside a box or in a heading: `m`, `positions`, `个`."""
    known = UNITS.get(unit)
    return known.written(value, locale) if known else unit


def milli(value: int | None, unit: str | None, locale: str) -> str:
    """An amount kept in thousandths of its unit."""
    return quantity(None if value is None else from_milli(value), unit, locale)


def money(minor: int | None, currency: str, locale: str) -> str:
    """`¥ 26,000`."""
    return NOTHING if minor is None else unbroken(format_money(minor, currency, locale))


def day(value: date | None, locale: str) -> str:
    """`1 Jan 2027`, `2027年1月1日`."""
    if value is None:
        return NOTHING
    return str(format_date(value, "y年M月d日" if is_chinese(locale) else "d MMM y", locale=locale))


def month(value: date | None, locale: str) -> str:
    """`Jan 2027`, `2027年1月`."""
    return NOTHING if value is None else str(format_skeleton("yMMM", value, locale=locale))


def period(start: date | None, end: date | None, locale: str) -> str:
    """A half-open window `[start, end)` as people say it: first day to last day. `FAR` has no end."""
    end = None if end == FAR else end
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
        return NOTHING
    local = value.astimezone(ZoneInfo(zone))
    return str(format_datetime(local, "y年M月d日 HH:mm" if is_chinese(locale) else "d MMM y, HH:mm", locale=locale))


def local_day(value: datetime, zone: str) -> date:
    """The day that an instant falls on in `zone`."""
    return value.astimezone(ZoneInfo(zone)).date()


def ago(value: datetime | None, now: datetime, locale: str) -> str:
    """How long before or after `now`: `2 minutes ago`, `3 天后`."""
    if value is None:
        return NOTHING
    return str(format_timedelta(value - now, locale=locale, add_direction=True, threshold=1.2))


def distance(metres: float | None, locale: str) -> str:
    """Whole metres below a kilometre, kilometres above."""
    if metres is None:
        return NOTHING
    return quantity(round(metres), "m", locale) if abs(metres) < 1000 else quantity(metres / 1000, "km", locale)


def bearing(degrees: float, locale: str) -> str:
    """The name of the nearest of eight directions."""
    return COMPASS[math.floor(degrees % 360 / 45 + 0.5) % 8].in_(locale)


def coordinates(lon: float, lat: float, digits: int = 5) -> str:
    """`114.02130, 22.65410`: lon, lat as stored, the same in both languages so that it can be copied."""
    return f"{lon:.{digits}f}, {lat:.{digits}f}"


def file_size(octets: int | None, locale: str) -> str:
    if octets is None:
        return NOTHING
    size, unit = float(octets), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return quantity(size, unit, locale)


def value_of(value: object, unit: str | None, locale: str) -> str:
    """Any value of a declared field, for a person: text, yes or no, a day, a number with its unit."""
    if value is None or value == "":
        return NOTHING
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


def text(words: Text | str | None, locale: str) -> str:
    """A catalogue `Text` in the reader's language; a plain string as it is."""
    return kept_together(words.in_(locale)) if isinstance(words, Text) else words or ""


def field_value(value: object, declared: Field, locale: str) -> str:
    """A stored value of a declared field: the label of a choice, else `value_of`."""
    label = next((choice.label for choice in declared.choices if choice.value == value), None)
    return label.in_(locale) if label is not None else value_of(value, declared.unit, locale)


def field_hint(declared: Field, locale: str) -> str:
    """What a person should know before typing: the help, and the limits."""
    low, high = (number(edge) if edge is not None else None for edge in (declared.minimum, declared.maximum))
    limits = None
    if low is not None and high is not None:
        limits = Text("From {low} to {high}.", "取值 {low} 至 {high}。").format(low=low, high=high)
    elif low is not None or high is not None:
        limits = (
            Text("At least {low}.", "不小于 {low}。") if low is not None else Text("At most {high}.", "不大于 {high}。")
        ).format(low=low, high=high)
    parts = [words.in_(locale) for words in (declared.help, limits) if words is not None]
    return ("" if is_chinese(locale) else " ").join(parts)
