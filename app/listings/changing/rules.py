"""The life of a bulk change, and what a person may ask of many listings at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from http import HTTPStatus
from typing import Any

from app.catalogue.declaration import AssetKind, Dimension, Field, Sort
from app.catalogue.validation import is_empty, validate_amounts
from app.kernel.errors import Problem, declare
from app.kernel.statemachine import Machine
from app.kernel.text import Text

STATUSES: Mapping[str, Text] = {
    "selected": Text("Being previewed", "预览生成中"),
    "previewed": Text("Waiting for you", "待确认"),
    "applied": Text("Applied", "已执行"),
    "undone": Text("Taken back", "已撤销"),
    "discarded": Text("Given up", "已放弃"),
}
LIFE = Machine(
    name="bulk change",
    subject=Text("The bulk change", "该批量修改"),
    states=STATUSES,
    initial="selected",
    final=frozenset({"undone", "discarded"}),
    transitions={
        "preview": (frozenset({"selected", "previewed"}), "previewed"),
        "apply": (frozenset({"previewed"}), "applied"),
        "undo": (frozenset({"applied"}), "undone"),
        "discard": (frozenset({"selected", "previewed"}), "discarded"),
    },
    labels={
        "preview": Text("Preview", "预览"),
        "apply": Text("Apply", "执行"),
        "undo": Text("Take back", "撤销"),
        "discard": Text("Give up", "放弃"),
    },
)
VERDICTS: Mapping[str, Text] = {
    "waiting": Text("Not looked at yet", "尚未检查"),
    "change": Text("Will change", "将修改"),
    "same": Text("Stays as it is", "无变化"),
    "refused": Text("Refused", "不允许"),
    "stale": Text("Changed by somebody since", "已被他人修改"),
    "applied": Text("Changed", "已修改"),
    "undone": Text("Taken back", "已撤销"),
}
TERMS = ("title", "price_minor", "currency", "window_start", "window_end", "tier", "exclusivity", "terms")
OWN_TITLE = "{title}"  # in a title that is set: what each listing is called now
DAYS = ("window_start", "window_end")
ACTIONS = ("publish", "suspend", "resume", "withdraw")
ALL_ROWS, VALID_ROWS = "all", "valid"
MOST = 2000  # listings in one change: applied in one transaction
LEAST_PERCENT, MOST_PERCENT = Decimal(-100), Decimal(1000)

declare(
    "bulk_too_many",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{count} listings are chosen; one bulk change takes at most {most}. Narrow the filter.",
    "共选中 {count} 条资源，一次最多修改 {most} 条，请缩小筛选范围。",
)
declare(
    "bulk_refused",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "{count} of the listings cannot be changed so. Apply it to the others only, or choose again.",
    "其中 {count} 条资源不能这样修改。可以只修改其余资源，或重新选择。",
)
declare("bulk_empty", HTTPStatus.UNPROCESSABLE_ENTITY, "None of the listings would change.", "没有资源会发生变化。")
declare(
    "bulk_undo_blocked",
    HTTPStatus.CONFLICT,
    "{count} of the listings cannot be put back: somebody changed them since, or something rests on them. Take back the others only.",
    "其中 {count} 条资源无法恢复：之后已被修改或已被引用。可以只撤销其余资源。",
)
declare(
    "listing_in_use",
    HTTPStatus.CONFLICT,
    "A request or an agreement stands on the listing: it cannot become a draft again.",
    "该资源已有申请或协议，不能恢复为草稿。",
)
declare(
    "bulk_running",
    HTTPStatus.CONFLICT,
    "This bulk change is being worked on. Wait for its end.",
    "该批量修改正在处理中，请稍候。",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to change. `terms`: of `TERMS` by name; None for no end, no price stated. `price_percent`: raise (or lower) stated
    prices. `attributes`: of the asset, as typed; "" takes a value away. `action`: of `ACTIONS`. `offered`: amounts to open by
    dimension, beside those that a listing states already; None takes one away; empty opens all that is free."""

    terms: Mapping[str, Any] = field(default_factory=dict)
    price_percent: Decimal | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    action: str | None = None
    offered: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        terms = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.terms.items()}
        percent = None if self.price_percent is None else str(self.price_percent)
        offered = None if self.offered is None else dict(self.offered)
        found = {"terms": terms, "price_percent": percent, "attributes": dict(self.attributes), "action": self.action}
        return {**found, "offered": offered}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Wanted:
        terms = {
            name: date.fromisoformat(value) if name in DAYS and value is not None else value
            for name, value in stored["terms"].items()
        }
        percent = stored["price_percent"]
        exact = None if percent is None else Decimal(percent)
        return cls(terms, exact, dict(stored["attributes"]), stored["action"], stored.get("offered"))


def wanted_problems(wanted: Wanted, kinds: Iterable[AssetKind]) -> Iterator[Problem]:
    """What is wrong with the change itself, whichever listing it meets."""
    every = list(kinds)
    if not (wanted.terms or wanted.price_percent is not None or wanted.attributes or wanted.action or wanted.offered is not None):
        yield Problem("required", Text("Choose at least one thing to change.", "请至少选择一项修改内容。"), pointer="/action")
    for name in wanted.terms:
        if name not in TERMS:
            yield Problem("unknown_field", Text("This cannot be changed here.", "此处不能修改该字段。"), pointer=f"/{name}")
    if wanted.action is not None and wanted.action not in ACTIONS:
        yield Problem("not_choice", Text("Not a step of a listing.", "不是资源的有效操作。"), pointer="/action")
    percent = wanted.price_percent
    if percent is not None and "price_minor" in wanted.terms:
        both = Text("Set the price, or change it by per cent: not both.", "设定价格与按百分比调整只能选一项。")
        yield Problem("invalid", both, pointer="/price_percent")
    if percent is not None and not LEAST_PERCENT <= percent <= MOST_PERCENT:
        yield Problem("price_range", Text("From −100 to 1,000 per cent.", "取值 −100 至 1000。"), pointer="/price_percent")
    yield from _offered_problems(wanted.offered or {}, every)
    known = {declared.name for declared in common_attributes(every)}
    for name in wanted.attributes:
        if name not in known:
            alien = Text("Not an attribute of every kind that is chosen.", "所选资源类型并不都具有该属性。")
            yield Problem("unknown_field", alien, pointer=f"/attributes/{name}")


def _offered_problems(offered: Mapping[str, Any], kinds: Iterable[AssetKind]) -> Iterator[Problem]:
    known = {dimension.name: dimension for dimension in common_dimensions(kinds)}
    for name in offered:
        if name not in known:
            alien = Text("Not a capacity of every kind that is chosen.", "所选资源类型并不都具有该容量。")
            yield Problem("unknown_field", alien, pointer=f"/offered/{name}")
    stated = {name: amount for name, amount in offered.items() if name in known and not is_empty(amount)}
    yield from validate_amounts(known.values(), stated, "/offered")[1]


def common_dimensions(kinds: Iterable[AssetKind]) -> tuple[Dimension, ...]:
    """What can be opened of all of the kinds alike: capacity that is used up."""
    every = list(kinds)
    shapes = [{(d.name, d.unit, d.sort) for d in kind.dimensions if d.sort is not Sort.LIMIT} for kind in every]
    first = every[0].dimensions if every else ()
    return tuple(d for d in first if all((d.name, d.unit, d.sort) in shape for shape in shapes))


def opened_after(stated: Mapping[str, Any], offered: Mapping[str, Any]) -> dict[str, Any]:
    """The amounts that a listing opens after the change; empty: all that is free."""
    if not offered:
        return {}
    return {name: amount for name, amount in {**stated, **offered}.items() if not is_empty(amount)}


def common_attributes(kinds: Iterable[AssetKind]) -> tuple[Field, ...]:
    """The attributes that all of the kinds declare alike."""
    every = list(kinds)
    if not every:
        return ()
    others = [{f.name: f for f in kind.attributes} for kind in every[1:]]
    return tuple(f for f in every[0].attributes if all(f.name in o and _alike(f, o[f.name]) for o in others))


def _alike(one: Field, other: Field) -> bool:
    return (one.type, one.unit, [c.value for c in one.choices]) == (other.type, other.unit, [c.value for c in other.choices])


def raised(minor: int | None, percent: Decimal) -> int | None:
    """A price after a change by per cent, half-even at the minor unit; what is on request stays so."""
    if minor is None:
        return None
    return int((minor * (100 + percent) / 100).quantize(Decimal(1), ROUND_HALF_EVEN))
