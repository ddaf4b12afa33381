"""What an asset's own limits say of what is asked or offered: the highest top of an antenna, the length, the span. Pure.

Capacity is the ledger's; this is about attributes that a requirement is compared with and that nobody consumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.catalogue.declaration import AssetKind, Criterion, Field, Test
from app.catalogue.derive import effective_attributes
from app.catalogue.passage import Narrow, too_narrow
from app.catalogue.profiles import Profile
from app.kernel.errors import Problem, fail
from app.kernel.text import Text

NO_PROMISE = Text("{what}: nothing can be promised while the asset's data are incomplete.", "{what}：设施数据不全，无法承诺。")

TOO_FULL = Text(
    "{what}: a cable of {cable} mm would fill {fill} % of the bore's area, {limit} % is allowed.",
    "{what}：{cable} mm 的缆将占孔截面积的 {fill}%，上限为 {limit}%。",
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A requirement that the asset limits. `allowed`: the most (or least) it allows, None while nothing can be promised."""

    criterion: Criterion
    field: Field
    asked: float
    allowed: float | None

    @property
    def holds(self) -> bool:
        if self.allowed is None:
            return False
        return self.allowed >= self.asked if self.criterion.test is Test.AT_LEAST else self.allowed <= self.asked

    @property
    def text(self) -> Text:
        """Why it does not hold, with both numbers."""
        if self.allowed is None:
            return NO_PROMISE.format(what=self.criterion.label)
        unit = self.criterion.unit or ""
        shown = {
            "supply": f"{self.allowed:g} {unit}".strip(),
            "demand": f"{self.asked:g} {unit}".strip(),
            "margin": f"{abs(self.asked - self.allowed):g} {unit}".strip(),
        }
        return self.criterion.failed.format(**shown)


def limits_of(kind: AssetKind, attributes: Mapping[str, Any], profile: Profile, asked: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Every requirement that is stated and compared with an attribute of the asset. An attribute that its owner does not state
    and that no rule derives limits nothing."""
    complete = effective_attributes(kind, attributes, profile)
    derived = {rule.attribute for rule in kind.derived}
    found = []
    for criterion in kind.criteria:
        if criterion.test not in (Test.AT_LEAST, Test.AT_MOST) or criterion.supply is None or criterion.demand is None:
            continue
        value, allowed = asked.get(criterion.demand), complete.get(criterion.supply)
        if (
            value is None
            or (criterion.test is Test.AT_LEAST and not value)
            or (allowed is None and criterion.supply not in derived)
        ):
            continue
        field = next(one for one in kind.requirements if one.name == criterion.demand)
        found.append(Limit(criterion, field, float(value), None if allowed is None else float(allowed)))
    return tuple(found)


def check_limits(limits: tuple[Limit, ...]) -> None:
    """Raises `beyond_limit` with every limit that does not hold."""
    broken = [limit for limit in limits if not limit.holds]
    if broken:
        words = Text(" ".join(one.text.en for one in broken), "".join(one.text.zh for one in broken))
        problems = [Problem("beyond_limit", one.text, pointer=f"/terms/{one.field.name}") for one in broken]
        raise fail("beyond_limit", problems, limits=words)


def check_ways(kind: AssetKind, attributes: Mapping[str, Any], asked: Mapping[str, Any], amounts: Mapping[str, int]) -> None:
    """Raises `beyond_limit` where `amounts` would pull the cable that is asked for through a way that it fills too far."""
    narrow = too_narrow(kind, attributes, asked, amounts)
    if narrow:
        words = [_narrow_words(kind.dimension(one.dimension).label, one) for one in narrow]
        problems = [
            Problem("beyond_limit", text, pointer=f"/amounts/{one.dimension}") for one, text in zip(narrow, words, strict=True)
        ]
        raise fail("beyond_limit", problems, limits=Text(" ".join(t.en for t in words), "".join(t.zh for t in words)))


def _narrow_words(label: Text, one: Narrow) -> Text:
    if one.fill_pct is None:
        return NO_PROMISE.format(what=label)
    return TOO_FULL.format(what=label, cable=f"{float(one.cable_mm):g}", fill=one.fill_pct, limit=f"{float(one.limit_pct):g}")


def stated_terms(kind: AssetKind, offered: Mapping[str, Any], asked: Mapping[str, Any]) -> Text:
    """What is offered otherwise than asked, in words for the agreement; empty when nothing is."""
    en, zh = [], []
    for field in kind.requirements:
        value, wanted = offered.get(field.name), asked.get(field.name)
        if value is None or value == wanted:
            continue
        unit = f" {field.unit}" if field.unit else ""
        en.append(f"{field.label.en}: {value:g}{unit} (asked: {wanted:g}{unit}).")
        zh.append(f"{field.label.zh}：{value:g}{unit}（申请 {wanted:g}{unit}）。")
    return Text(" ".join(en), "".join(zh))
