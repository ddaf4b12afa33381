"""Words for people in the two languages of the product."""

from __future__ import annotations

from dataclasses import dataclass

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
        """Fill the fields; a value that is itself a `Text` stands in its own language on each side."""
        en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        zh = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        return Text(self.en.format(**en), self.zh.format(**zh))
