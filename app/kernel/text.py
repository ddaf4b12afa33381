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
        return Text(self.en.format(**values), self.zh.format(**values))
