"""Prices and budgets in files: "5.22" under 万元/年, "¥ 3,000", "NZD 12,000/year", as minor units a year of a currency."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from app.exchange.reading.model import Cell
from app.exchange.values import Bad, folded, is_empty, shown, split_number
from app.kernel.errors import DomainError
from app.kernel.money import CURRENCIES, MOST_MINOR, SYMBOLS, Money
from app.kernel.quantity import convert
from app.kernel.text import Text

PERIODS = {"年": 1, "year": 1, "yr": 1, "y": 1, "a": 1, "annum": 1, "季": 4, "quarter": 4, "月": 12, "month": 12, "mo": 12}
_SYMBOLS = {symbol: code for code, symbol in SYMBOLS.items()} | {"￥": "CNY"}
_LEADING = re.compile(r"^([^\d+\-.,]+)\s*(.*)$", re.DOTALL)


def read_unit(unit: str, label: Text) -> tuple[Decimal, str | None]:
    """("万元/年") → (10000, "CNY"); ("NZD/month") → (12, "NZD"): what an amount is multiplied with, and its currency when named."""
    amount, _, period = folded(unit).replace("每", "/").partition("/")
    times = PERIODS.get(period.strip().casefold()) if period else 1
    amount = amount.strip()
    if times is None:
        raise Bad("wrong_unit", field=label, given=unit, unit="元/年")
    if not amount:
        return Decimal(times), None
    code = _SYMBOLS.get(amount, amount.upper())
    if code in CURRENCIES:
        return Decimal(times), code
    try:
        return convert(times, amount, "元"), "CNY"
    except DomainError as error:
        raise Bad("wrong_unit", field=label, given=unit, unit="元/年") from error


def money_parser(label: Text, unit: str | None, currency: str) -> Callable[[Cell], Money | None]:
    """Amounts a year; `currency` where neither header nor cell names one."""
    header = read_unit(unit, label) if unit else (Decimal(1), None)
    unit_of = cache(lambda written: read_unit(written, label))

    def parse(cell: Cell) -> Money | None:
        if is_empty(cell):
            return None
        before, rest = "", cell
        if isinstance(cell, str) and (leading := _LEADING.match(folded(cell))):
            before, rest = leading.group(1).strip(), leading.group(2)
        number, written = split_number(rest, label)
        try:
            (by, named), (_, sign) = unit_of(written) if written else header, unit_of(before) if before else (0, None)
        except Bad as error:
            raise Bad("not_number", field=label, value=shown(cell)) from error
        if number < 0:
            raise Bad("too_low", field=label, value=shown(cell), limit=0)
        money = Money.of(Decimal(repr(number)) * by, named or sign or currency)
        if money.minor > MOST_MINOR:
            raise Bad("too_high", field=label, value=shown(cell), limit=f"{Money(MOST_MINOR, money.currency).format('en')}")
        return money

    return parse
