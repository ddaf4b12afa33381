"""Cells to values: numbers, dates, choices, angles, money, as real workbooks write them. A blank is None; what cannot be read is
`Bad`.

Parsers are built once per column (`parser_for`) and called once per cell. They never guess between two readings.
"""

from __future__ import annotations

import math
import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from app.catalogue.declaration import Choice, Field
from app.exchange.reading.labels import normalise
from app.exchange.reading.model import Cell
from app.kernel.errors import DomainError
from app.kernel.quantity import convert, find_unit
from app.kernel.text import Text

Value = str | int | float | bool | date
Parser = Callable[[Cell], Value | None]

TEXT_LIMIT = 2000
BLANKS = {"", "-", "--", "—", "——", "/", "\\", "n/a", "na", "null", "none", "nil", "暂无", "#n/a"}
YES = {"是", "有", "yes", "y", "true", "t", "1", "√", "✓", "对", "开通", "同意", "接受"}
NO = {"否", "无", "no", "n", "false", "f", "0", "×", "✗", "x", "不", "未开通", "不同意", "不接受"}
_CELL_ERROR = re.compile(r"^#(REF|DIV/0|VALUE|NAME|NUM|NULL|N/A|CALC|SPILL)[!?]?", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*(\D.*)?", re.DOTALL)
_SPACED_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:\.\d+)?")
_MAYBE_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+\D*$")
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20000, 110000)  # 1954 to 2201: what a date typed as a number can be
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ]\d{1,2}:\d{2}.*)?$")
_YM = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
_DMY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_DMS = re.compile(
    r"""([东西南北]?[经纬]?|[NSEW])\s*([+-]?\d+(?:\.\d+)?)\s*[°º度d]\s*(?:(\d+(?:\.\d+)?)\s*['′‘’分m]\s*)?"""
    r"""(?:(\d+(?:\.\d+)?)\s*(?:"|″|“|”|''|′′|秒|s)\s*)?([NSEW]?)$""",
    re.IGNORECASE,
)


class Bad(Exception):
    """A cell that cannot be read: the code of its sentence and what fills it."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def folded(cell: str) -> str:
    """Full-width forms and odd minus signs as plain ones, edges trimmed."""
    return unicodedata.normalize("NFKC", cell).replace("−", "-").replace("\u2013", "-").strip()


def shown(cell: Cell) -> str:
    """A cell as a message may repeat it."""
    text = " ".join(str(cell).split())
    return text if len(text) <= 60 else text[:57] + "…"


def is_empty(cell: Cell) -> bool:
    """Nothing, or a mark that stands for nothing."""
    return cell is None or (isinstance(cell, str) and folded(cell).casefold() in BLANKS)


def parser_for(field: Field, unit: str | None = None) -> Parser:
    """The parser of a declared field under a header that may name another unit. Raises `Bad` when that unit does not fit."""
    match field.type:
        case "number" | "integer":
            return _number_parser(field, unit)
        case "choice":
            return _choice_parser(field)
        case "boolean":
            return lambda cell: _boolean(cell, field.label)
        case "date":
            return lambda cell: read_date(cell, field.label)
        case _:
            return lambda cell: read_text(cell, field.label)


def read_line(cell: Cell, label: Text, limit: int) -> str | None:
    """Text of one line: breaks and odd blanks become single spaces; what has no shape on paper is refused."""
    text = read_text(cell, label, limit)
    line = " ".join(text.split()) if text else None
    if line and not line.isprintable():
        raise Bad("text_control", field=label)
    return line


def read_text(cell: Cell, label: Text, limit: int = TEXT_LIMIT) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = unicodedata.normalize("NFC", str(cell)).strip()
    if _CELL_ERROR.match(text):
        raise Bad("cell_error", field=label, value=shown(text))
    if len(text) > limit:
        raise Bad("text_long", field=label, length=len(text), limit=limit)
    if not text.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise Bad("text_control", field=label)
    return text or None


def conversion(given: str, wanted: str | None, label: Text) -> Decimal:
    """What a value in `given` is multiplied with to be in `wanted`; `Bad` when they measure different things."""
    try:
        return convert(1, folded(given), wanted) if wanted else Decimal(1)
    except DomainError as error:
        raise Bad("wrong_unit", field=label, given=given, unit=wanted) from error


def split_number(cell: Cell, label: Text) -> tuple[float, str | None]:
    """(number, unit written behind it). Thousands separators are understood; a decimal comma is not guessed at."""
    if isinstance(cell, bool | date | time | timedelta):
        raise Bad("not_number", field=label, value=shown(cell))
    if isinstance(cell, int | float):
        return _finite(float(cell), cell, label), None
    text = folded(str(cell))
    if _CELL_ERROR.match(text):
        raise Bad("cell_error", field=label, value=shown(text))
    match = _NUMBER.fullmatch(text.replace(" ", "") if _SPACED_THOUSANDS.fullmatch(text) else text)
    digits = match.group(1) if match else ""
    if match is None or not any(c.isdigit() for c in digits):
        raise Bad(
            "not_finite" if text.casefold().strip("+-") in ("nan", "inf", "infinity") else "not_number",
            field=label,
            value=shown(cell),
        )
    if match.group(2) and match.group(2).startswith(","):
        raise Bad("comma_decimal" if _MAYBE_DECIMAL_COMMA.match(text) else "not_number", field=label, value=shown(cell))
    return _finite(float(digits.replace(",", "")), cell, label), (match.group(2) or "").strip() or None


def _finite(number: float, cell: Cell, label: Text) -> float:
    if not math.isfinite(number):
        raise Bad("not_finite", field=label, value=shown(cell))
    return number


def _number_parser(field: Field, unit: str | None) -> Parser:
    label, wanted = field.label, field.unit
    header = conversion(unit, wanted, label) if unit else Decimal(1)
    whole, low, high = field.type == "integer", field.minimum, field.maximum

    factor = cache(lambda written: conversion(written, wanted, label))

    def parse(cell: Cell) -> Value | None:
        if is_empty(cell):
            return None
        number, written = split_number(cell, label)
        if written is not None and not _is_unit(written):
            raise Bad("not_number", field=label, value=shown(cell))
        by = factor(written) if written is not None else header
        if by != 1:
            number = float(Decimal(repr(number)) * by)
        if whole and not float(number).is_integer():
            raise Bad("not_whole", field=label, value=shown(cell))
        if low is not None and number < low:
            raise Bad("too_low", field=label, value=plain_number(number), limit=plain_number(low))
        if high is not None and number > high:
            raise Bad("too_high", field=label, value=plain_number(number), limit=plain_number(high))
        return int(number) if whole else number

    return parse


@cache
def _is_unit(written: str) -> bool:
    try:
        find_unit(written)
    except DomainError:
        return False
    return True


def plain_number(number: float) -> str:
    return f"{number:.12g}"


def choice_words(choices: tuple[Choice, ...]) -> dict[str, str]:
    """Every word for every choice, normalised, to its value; the first to claim a word keeps it."""
    words: dict[str, str] = {}
    for choice in choices:
        for word in (choice.value, choice.label.en, choice.label.zh, *choice.aliases):
            words.setdefault(normalise(word), choice.value)
    return words


def _choice_parser(field: Field) -> Parser:
    words = choice_words(field.choices)
    known = Text(", ".join(c.label.en for c in field.choices), "、".join(c.label.zh for c in field.choices))
    seen: dict[str, str] = {}

    def parse(cell: Cell) -> Value | None:
        if cell is None or cell == "":
            return None
        key = cell if isinstance(cell, str) else plain_number(cell) if isinstance(cell, int | float) else str(cell)
        found = seen.get(key) or words.get(normalise(key))
        if found is None:
            if is_empty(cell):
                return None
            raise Bad("not_choice", field=field.label, value=shown(cell), known=known)
        seen[key] = found
        return found

    return parse


def _boolean(cell: Cell, label: Text) -> bool | None:
    if isinstance(cell, bool):
        return cell
    if cell is None or cell == "":
        return None
    text = plain_number(cell) if isinstance(cell, int | float) else folded(str(cell)).casefold()
    if text in YES:
        return True
    if text in NO:
        return False
    if text in BLANKS:
        return None
    raise Bad("not_boolean", field=label, value=shown(cell))


def read_date(cell: Cell, label: Text, *, last_of_month: bool = False) -> date | None:
    """A day. A month alone means its first day, or its last with `last_of_month`; day and month in doubt are refused."""
    if is_empty(cell):
        return None
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool | time | timedelta):
        raise Bad("not_date", field=label, value=shown(cell))
    if isinstance(cell, int | float):
        return _serial(float(cell), label)
    return _written_date(folded(str(cell)), label, last_of_month)


def _serial(number: float, label: Text) -> date:
    """A day number of a spreadsheet, or the digits 20270101."""
    if int(number) in _SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(number))
    if number.is_integer() and (found := _COMPACT.match(str(int(number)))):
        return _day(found.groups(), label)
    raise Bad("not_date", field=label, value=plain_number(number))


def _written_date(text: str, label: Text, last_of_month: bool) -> date:
    if found := _YMD.match(text) or _COMPACT.match(text):
        return _day(found.groups(), label)
    if found := _YM.match(text):
        year, month = map(int, found.groups())
        first = _day([year, month, 1], label)
        return first.replace(day=monthrange(year, month)[1]) if last_of_month else first
    if found := _DMY.match(text):
        a, b, year = map(int, found.groups())
        if a <= 12 and b <= 12 and a != b:
            raise Bad("ambiguous_date", field=label, value=text)
        return _day([year, b, a] if b <= 12 else [year, a, b], label)
    if text.isdigit() and int(text) in _SERIALS:
        return _serial(float(text), label)
    raise Bad("not_date", field=label, value=shown(text))


def _day(parts: tuple[str, ...] | list[int], label: Text) -> date:
    year, month, day = map(int, parts)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Bad("no_such_day", field=label, value=f"{year}-{month:02d}-{day:02d}") from error


def read_angle(cell: Cell, label: Text) -> float | None:
    """A coordinate: decimal, or degrees, minutes and seconds, with a hemisphere before or behind. Ranges are checked with the
    CRS."""
    if is_empty(cell):
        return None
    if isinstance(cell, str) and (found := _DMS.match(folded(cell))):
        return _degrees(*found.groups(), cell=cell, label=label)
    text: Cell = cell
    sign = 1.0
    if isinstance(cell, str):
        bare = folded(cell)
        if bare[-1:].upper() in "NSEW" and bare[:-1].strip():
            sign, text = (-1.0 if bare[-1].upper() in "SW" else 1.0), bare[:-1]
        elif bare[:1].upper() in tuple("NSEW") and bare[1:].strip():
            sign, text = (-1.0 if bare[0].upper() in "SW" else 1.0), bare[1:]
        elif bare[:2] in ("东经", "西经", "北纬", "南纬"):
            sign, text = (-1.0 if bare[0] in "西南" else 1.0), bare[2:]
    try:
        number, unit = split_number(text, label)
    except Bad as error:
        raise Bad("not_angle", field=label, value=shown(cell)) from error
    if unit not in (None, "°", "度", "m", "米"):
        raise Bad("not_angle", field=label, value=shown(cell))
    return sign * number


def _degrees(
    before: str, degrees: str, minutes: str | None, seconds: str | None, after: str, *, cell: Cell, label: Text
) -> float:
    m, s = float(minutes or 0), float(seconds or 0)
    if m >= 60 or s >= 60 or (before and after):
        raise Bad("not_angle", field=label, value=shown(cell))
    size = abs(float(degrees)) + m / 60 + s / 3600
    negative = degrees.startswith("-") or (before or after).upper()[:1] in tuple("SW西南")
    return -size if negative and (before or after or degrees.startswith("-")) else size
