"""The life of a listing and what makes an offer sound: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from http import HTTPStatus

from app.catalogue.declaration import AssetKind
from app.catalogue.tiers import Tier
from app.kernel.errors import Problem, declare
from app.kernel.money import CURRENCIES, MOST_MINOR
from app.kernel.quantity import written_quantity
from app.kernel.statemachine import Machine
from app.kernel.text import Text

STATUSES: Mapping[str, Text] = {
    "draft": Text("Draft", "草稿"),
    "published": Text("Open", "已发布"),
    "suspended": Text("Suspended", "已暂停"),
    "withdrawn": Text("Withdrawn", "已撤回"),
}
LIFE = Machine(
    name="listing",
    subject=Text("The listing", "该资源"),
    states=STATUSES,
    initial="draft",
    final=frozenset({"withdrawn"}),
    transitions={
        "publish": (frozenset({"draft"}), "published"),
        "suspend": (frozenset({"published"}), "suspended"),
        "resume": (frozenset({"suspended"}), "published"),
        "withdraw": (frozenset({"draft", "published", "suspended"}), "withdrawn"),
    },
    labels={
        "publish": Text("Publish", "发布"),
        "suspend": Text("Suspend", "暂停"),
        "resume": Text("Resume", "恢复"),
        "withdraw": Text("Withdraw", "撤回"),
    },
)
PAST: Mapping[str, str] = {"publish": "published", "suspend": "suspended", "resume": "resumed", "withdraw": "withdrawn"}
EDITABLE = frozenset({"draft", "published", "suspended"})
EXCLUSIVITIES: Mapping[str, Text] = {
    "none": Text("Shared among several users", "可由多家共用"),
    "listing": Text("This listing for one user only", "本资源只给一家使用"),
    "asset": Text("The whole asset for one user only", "整处设施只给一家使用"),
}
OFFERABLE_TIERS = (Tier.T0, Tier.T1, Tier.T2)
TITLE_LIMIT, TERMS_LIMIT = 200, 4000

declare(
    "asset_not_openable",
    HTTPStatus.CONFLICT,
    "The asset is {status}: nothing of it can be open.",
    "该设施状态为“{status}”，不能开放。",
)
declare(
    "nothing_offered",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The asset states no capacity: say how much there is in all.",
    "该设施未填写容量，请先填写总量。",
)


def offer_problems(
    kind: AssetKind, offered: Mapping[str, float], totals: Mapping[str, Decimal], pointer: str = "/offered"
) -> Iterator[Problem]:
    """Nothing is offered that is not there."""
    for name, amount in offered.items():
        dimension = kind.dimension(name)
        total = totals.get(name, Decimal(0))
        if Decimal(str(amount)) > total:
            words = Text("{dimension}: {open} opened, {total} in all.", "{dimension}：开放 {open}，总量只有 {total}。").format(
                dimension=dimension.label,
                open=written_quantity(amount, dimension.unit),
                total=written_quantity(total, dimension.unit),
            )
            yield Problem("open_over_total", words, pointer=f"{pointer}/{name}")


def term_problems(
    title: str,
    start: date | None,
    end: date | None,
    price_minor: int | None,
    currency: str,
    tier: str,
    terms: str | None,
    exclusivity: str,
) -> Iterator[Problem]:
    """What is wrong with the terms of a listing."""
    if not title.strip():
        yield Problem("required", Text("Give it a title.", "请填写标题。"), pointer="/title")
    if len(title) > TITLE_LIMIT or not title.isprintable():
        yield Problem(
            "text_long",
            Text(f"One line, at most {TITLE_LIMIT} characters.", f"一行，最多 {TITLE_LIMIT} 个字符。"),
            pointer="/title",
        )
    if start is None:
        yield Problem("required", Text("Say from which day it is open.", "请填写开放起始日期。"), pointer="/window_start")
    if start is not None and end is not None and end <= start:
        yield Problem(
            "window_reversed", Text("The period ends before it starts.", "期限的结束不晚于开始。"), pointer="/window_end"
        )
    if price_minor is not None and not 0 <= price_minor <= MOST_MINOR:
        yield Problem(
            "price_range",
            Text(f"A price is between 0 and {MOST_MINOR} minor units.", f"价格应在 0 与 {MOST_MINOR} 最小货币单位之间。"),
            pointer="/price_minor",
        )
    if currency not in CURRENCIES:
        yield Problem("unknown_currency", Text("Not an ISO 4217 currency.", "不是 ISO 4217 货币代码。"), pointer="/currency")
    if tier not in {t.name for t in OFFERABLE_TIERS}:
        yield Problem("not_choice", Text("Choose T0, T1 or T2.", "请选择 T0、T1 或 T2。"), pointer="/tier")
    if exclusivity not in EXCLUSIVITIES:
        yield Problem(
            "not_choice", Text("Choose none, listing or asset.", "请选择 none、listing 或 asset。"), pointer="/exclusivity"
        )
    if terms is not None and len(terms) > TERMS_LIMIT:
        yield Problem("text_long", Text(f"At most {TERMS_LIMIT} characters.", f"最多 {TERMS_LIMIT} 个字符。"), pointer="/terms")
