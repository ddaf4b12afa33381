"""Quantities: the table of units, exact thousandths, and how a number is written for a person.

A value is stored once, in the unit that its field names; files may bring others of the same sort. kVA and kW are different sorts:
no factor turns apparent power into active power.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from http import HTTPStatus

from app.kernel.errors import declare, fail
from app.kernel.text import Text

Number = int | float | str | Decimal

declare("unknown_unit", HTTPStatus.UNPROCESSABLE_ENTITY, "“{unit}” is not a unit that is known here.", "无法识别的单位“{unit}”。")
declare(
    "unit_mismatch",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "A value in {given} cannot be turned into {wanted}: they measure different things.",
    "{given} 与 {wanted} 计量的不是同一种量，无法换算。",
)
declare("not_a_number", HTTPStatus.UNPROCESSABLE_ENTITY, "“{value}” is not a number.", "“{value}”不是数字。")


MOST_AMOUNT = 1_000_000_000  # of any unit: thousandths fit 64 bits, and doubles hold them exactly


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor`: how many of `stored`, the unit of storage of its sort, make one of this. `mark`: written after a number;
    `plural`: the English mark past one, for units that are words."""

    symbol: str
    name: Text
    stored: str
    factor: Decimal = Decimal(1)
    mark: Text | None = None
    plural: str | None = None
    counted: bool = False
    aliases: tuple[str, ...] = ()

    def written(self, value: Decimal, locale: str) -> str:
        """The unit as it stands behind `value`."""
        if self.mark is None:
            return self.symbol
        if self.plural and not locale.lower().startswith("zh") and abs(value) != 1:
            return self.plural
        return self.mark.in_(locale)


def _of(symbol: str, en: str, zh: str, stored: str | None = None, factor: str = "1", aliases: tuple[str, ...] = ()) -> Unit:
    return Unit(symbol, Text(en, zh), stored or symbol, Decimal(factor), aliases=aliases)


def _counted(symbol: str, en: str, plural: str, zh: str, aliases: tuple[str, ...] = ()) -> Unit:
    return Unit(symbol, Text(en, zh), symbol, mark=Text(en, zh), plural=plural, counted=True, aliases=aliases)


def _table(*units: Unit) -> dict[str, Unit]:
    return {unit.symbol: unit for unit in units}


UNITS: dict[str, Unit] = _table(
    _of("m", "metre", "米", aliases=("米", "metre", "metres", "meter", "meters")),
    _of("km", "kilometre", "千米", "m", "1000", ("公里", "千米")),
    _of("mm", "millimetre", "毫米", aliases=("毫米",)),
    _of("cm", "centimetre", "厘米", "mm", "10", ("厘米",)),
    _of("ft", "foot", "英尺", "m", "0.3048", ("英尺", "feet")),
    _of("m²", "square metre", "平方米", aliases=("m2", "平方米", "平米", "㎡", "sqm")),
    _of("ft²", "square foot", "平方英尺", "m²", "0.09290304", ("ft2", "sqft")),
    _of("kg", "kilogram", "千克", aliases=("千克", "公斤")),
    _of("t", "tonne", "吨", "kg", "1000", ("吨",)),
    _of("lb", "pound", "磅", "kg", "0.45359237", ("磅", "lbs")),
    _of("kW", "kilowatt", "千瓦", aliases=("千瓦",)),
    _of("W", "watt", "瓦", "kW", "0.001", ("瓦",)),
    _of("MW", "megawatt", "兆瓦", "kW", "1000", ("兆瓦",)),
    _of("kVA", "kilovolt-ampere", "千伏安", aliases=("千伏安",)),
    _of("kV", "kilovolt", "千伏", aliases=("千伏",)),
    _of("V", "volt", "伏", "kV", "0.001", ("伏",)),
    _of("kN/m²", "kilonewton per square metre", "千牛每平方米", aliases=("kn/m2", "kpa")),
    _of("dB", "decibel", "分贝"),
    _of("dB/km", "decibel per kilometre", "分贝每千米"),
    _of("%", "per cent", "百分比", aliases=("％",)),
    Unit("min", Text("minute", "分钟"), "min", mark=Text("min", "分钟"), aliases=("分钟", "minutes")),
    Unit("h", Text("hour", "小时"), "min", Decimal(60), mark=Text("h", "小时"), aliases=("小时", "hours")),
    _counted("d", "day", "days", "天", ("天", "日", "day", "days")),
    _counted("month", "month", "months", "个月", ("月", "months")),
    _counted("position", "position", "positions", "个", ("个", "平台", "positions")),
    _counted("hole", "hole", "holes", "孔", ("孔", "holes")),
    _counted("subduct", "subduct", "subducts", "子孔", ("子孔", "子管", "subducts")),
    _counted("core", "core", "cores", "芯", ("芯", "cores")),
    _counted("pair", "pair", "pairs", "对", ("对", "纤芯对", "pairs")),
    Unit("U", Text("rack unit", "机架单位"), "U", counted=True, aliases=("u位", "ru")),
    Unit("元", Text("yuan", "元"), "元", mark=Text("yuan", "元"), aliases=("人民币", "rmb", "cny", "yuan")),
    Unit("万元", Text("ten thousand yuan", "万元"), "元", Decimal(10_000), mark=Text("0,000 yuan", "万元")),
    Unit("亿元", Text("hundred million yuan", "亿元"), "元", Decimal(100_000_000), mark=Text("00,000,000 yuan", "亿元")),
)
_BY_NAME = {name.casefold(): unit for unit in UNITS.values() for name in unit.aliases} | {
    symbol.casefold(): unit for symbol, unit in UNITS.items() if symbol not in ("W", "MW", "V")
}


def find_unit(written: str) -> Unit:
    """The unit meant by a symbol or name in either language; raises `unknown_unit`."""
    given = written.strip()
    unit = UNITS.get(given) or _BY_NAME.get(given.casefold())
    if unit is None:
        raise fail("unknown_unit", unit=written)
    return unit


def decimal_of(value: Number) -> Decimal:
    """`value` as the decimal that a person would read; raises `not_a_number` for text, infinities and NaN."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise fail("not_a_number", value=value) from None
    if not number.is_finite():
        raise fail("not_a_number", value=value)
    return number


def convert(value: Number, given: str, wanted: str) -> Decimal:
    """`value` in unit `given`, in unit `wanted`; raises `unit_mismatch` when they measure different things."""
    source, target = find_unit(given), find_unit(wanted)
    if source.stored != target.stored:
        raise fail("unit_mismatch", given=source.symbol, wanted=target.symbol)
    return decimal_of(value) * source.factor / target.factor


def to_milli(value: Number) -> int:
    """Whole thousandths of the unit, half-even: what the ledger and the engine count in."""
    return int((decimal_of(value) * 1000).to_integral_value(ROUND_HALF_EVEN))


def from_milli(milli: int) -> Decimal:
    """The exact value of `milli` thousandths, without trailing zeros."""
    return _plain(Decimal(milli) / 1000)


def _plain(number: Decimal) -> Decimal:
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return number.normalize()


def _places(number: Decimal) -> int:
    """Digits behind the point that a reader can use: three figures or so, never a value rounded away to nothing."""
    size = abs(number)
    for limit, places in ((100, 0), (10, 1), (Decimal("0.1"), 2)):
        if size >= limit:
            return places
    return 3


def format_number(value: Number) -> str:
    """Grouped in thousands, with as many digits as a reader can use."""
    number = decimal_of(value)
    rounded = round(number, _places(number))
    return f"{_plain(rounded) + 0:,f}"


def format_quantity(value: Number, unit: str | None, locale: str) -> str:
    """A number with its unit: "3.4 m", "1,200 kg", "12.5 km", "2 positions", "2 个"."""
    number = decimal_of(value)
    if unit is None:
        return format_number(number)
    if unit == "m" and abs(number) >= 10_000:
        number, unit = number / 1000, "km"
    shown = format_number(number)
    known = UNITS.get(unit)
    if unit == "%":
        return f"{shown}%"
    if known is None:
        return f"{shown} {unit}"
    return f"{shown} {known.written(Decimal(shown.replace(',', '')), locale)}"


@lru_cache(4096)  # a page of matches says the same few amounts a thousand times
def written_quantity(value: Number, unit: str | None) -> Text:
    """`format_quantity` in both languages."""
    return Text(format_quantity(value, unit, "en"), format_quantity(value, unit, "zh_CN"))


def number_ranges(numbers: Iterable[int]) -> str:
    """Numbers in few words: 1–4, 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("–".join(map(str, run)) for run in runs)
