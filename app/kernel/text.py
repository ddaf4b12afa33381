"""Words for people in the two languages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

LOCALES = ("en", "zh_CN")


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or label in English and Chinese; `{name}` fields are filled by `format`."""

    en: str
    zh: str

    def in_(self, locale: str) -> str:
        """The text in `locale` (`en`, `zh_CN`, `zh-CN`, `zh`)."""
        return self.zh if locale.lower().startswith("zh") else self.en

    def format(self, **values: object) -> Text:
        """Fill the fields; a `Text` stands in its own language on each side, and so does a day."""
        said = {name: written_day(v) if isinstance(v, date) and not isinstance(v, datetime) else v for name, v in values.items()}
        en = {name: value.en if isinstance(value, Text) else value for name, value in said.items()}
        zh = {name: value.zh if isinstance(value, Text) else value for name, value in said.items()}
        return Text(self.en.format(**en), self.zh.format(**zh))


def counted(number: int, one: str, many: str, zh: str) -> Text:
    """`1 month`, `3 months`, `3 个月`: a number with its noun; the Chinese has the number's place as `{n}`."""
    return Text(f"{number} {one if number == 1 else many}", zh.format(n=number))


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written_day(day: date) -> Text:
    """`1 Jan 2027`, `2027年1月1日`: as pages write it."""
    return Text(f"{day.day} {MONTHS[day.month - 1]} {day.year}", f"{day.year}年{day.month}月{day.day}日")
