"""A chart as data: what is counted in words, its rows and its series. Pure: knows no query and no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.kernel.money import Money
from app.kernel.text import Text

Form = Literal["lines", "stack", "columns", "bars"]
Measure = Literal["count", "percent", "days", "money"]
Value = int | float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of the columns: a value for each row. Money in minor units of `currency`; None: nothing to tell.
    `hue`: a colour token of the design, where the series has a meaning or a kind; else the next of the palette."""

    name: Text
    values: tuple[Value, ...]
    measure: Measure = "count"
    currency: str | None = None
    drawn: bool = True  # else in the table alone
    hue: str = ""

    def plain(self, place: int) -> float | int | Decimal | None:
        """The value as a number that a program reads: money in the currency's unit."""
        value = self.values[place]
        if value is None or self.measure != "money" or self.currency is None:
            return value
        return Money(int(value), self.currency).amount


@dataclass(frozen=True, slots=True)
class Chart:
    """`form`: lines and columns over months, `bars` lie down, one for each row. `definition`: what is counted, from when; `source`:
    the records that it is counted from; `empty`: the sentence when there is nothing."""

    key: str
    title: Text
    definition: Text
    source: Text
    form: Form
    axis: Text
    rows: tuple[Text, ...]
    series: tuple[Series, ...]
    empty: Text

    @property
    def is_empty(self) -> bool:
        """Nothing is counted; nought per cent of something is a finding."""
        return not any(value or (value is not None and one.measure == "percent") for one in self.series for value in one.values)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number on top of a board."""

    label: Text
    value: int | float | None
    measure: Measure = "count"
    note: Text | None = None
    currency: str | None = None  # of money, in minor units
    about: Text | None = None  # what is counted, for the help beside it


@dataclass(frozen=True, slots=True)
class Board:
    """`name`: owner, requester, oversight. `whose`: in words, what the numbers are of."""

    name: str
    whose: Text
    figures: Sequence[Figure]
    charts: Sequence[Chart]

    def chart(self, key: str) -> Chart | None:
        return next((one for one in self.charts if one.key == key), None)
