"""The engine's sentences, in both languages: the only place where its integers become words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.catalogue.declaration import AssetKind, Criterion, Test
from app.engine.compile import currency_name
from app.engine.problem import FOREVER
from app.kernel.money import format_money
from app.kernel.quantity import from_milli, written_quantity
from app.kernel.text import Text

NOT_ASKED = Text("{label}: not asked for.", "{label}：未提出要求。")
NOT_STATED = Text("{label}: not stated by the owner.", "{label}：权属单位未说明。")
OTHER_CURRENCY = Text(
    "Priced in {supply}, the budget is in {demand}: they cannot be compared.",
    "报价币种为 {supply}，预算币种为 {demand}，无法比较。",
)
ON_REQUEST = Text("The price is on request.", "价格面议。")
NO_BUDGET = Text("{supply} a year; no budget is stated.", "每年 {supply}；未填写预算。")
INSIDE = Text("Inside the area asked for.", "位于所需区域内。")
OUTSIDE = Text("{margin} outside the area asked for.", "在所需区域之外 {margin}。")
WIDEN_AREA = Text("widen the area by {value}", "将区域外扩 {value}")
SPELL = Text("Enough is free {value}.", "{value} 期间余量足够。")
DROP = Text("do without: {label}", "不再要求：{label}")
ACCEPT = Text("{label}: accept {value}", "{label}：接受 {value}")
YES, NO = Text("yes", "是"), Text("no", "否")
WINDOW = Text("{first} to {last}", "{first}至{last}")


def metres(distance_mm: int) -> Text:
    """A distance as a reader wants it: whole metres, kilometres from 10 km on."""
    exact = Decimal(distance_mm) / 1000
    return written_quantity(exact if abs(exact) < 10 else round(exact), "m")


def toward(milli: int, up: bool) -> int:
    """`milli` with no more digits than are written, rounded to the side on which what is written still does."""
    size = abs(milli)
    grain = next((g for limit, g in ((10_000_000, 100_000), (100_000, 1000), (10_000, 100), (100, 10)) if size >= limit), 1)
    return -(-milli // grain) * grain if up else milli // grain * grain


def money(minor: int, currency: int) -> Text:
    name = currency_name(currency)
    return Text(format_money(minor, name, "en"), format_money(minor, name, "zh_CN"))


def days(count: int) -> Text:
    return written_quantity(count, "d")


def period(start: int, end: int) -> Text:
    """A half-open window by its first and its last day."""
    first, last = date.fromordinal(start), date.fromordinal(end - 1)
    return Text("from {first} on", "{first}起").format(first=first) if end >= FOREVER else WINDOW.format(first=first, last=last)


def amount(kind: AssetKind, criterion: Criterion, milli: int) -> Text:
    """A value of a criterion in its declared unit; a choice or a yes/no by its word."""
    declared = next((f for f in (*kind.attributes, *kind.requirements) if f.name in (criterion.supply, criterion.demand)), None)
    if declared is not None and declared.type == "choice" and criterion.test is Test.EQUALS:
        place = milli // 1000 - 1
        return declared.choices[place].label if 0 <= place < len(declared.choices) else Text("—", "—")
    if criterion.test is Test.PROVIDES or (declared is not None and declared.type == "boolean"):
        return YES if milli > 0 else NO
    return written_quantity(from_milli(milli), criterion.unit)


def fill(sentence: Text, **parts: Text) -> Text:
    return Text(
        sentence.en.format(**{k: v.en for k, v in parts.items()}), sentence.zh.format(**{k: v.zh for k, v in parts.items()})
    )


def joined(parts: list[Text]) -> Text:
    """Several changes as one sentence."""
    en = parts[0].en if len(parts) == 1 else ", ".join(p.en for p in parts[:-1]) + " and " + parts[-1].en
    return Text(en[:1].upper() + en[1:] + ".", "，".join(p.zh for p in parts) + "。")
