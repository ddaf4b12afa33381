"""The lives of a needs list and of its entries, and who may see an entry. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.kernel.errors import declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text

declare(
    "round_not_collecting",
    HTTPStatus.CONFLICT,
    "The needs list takes entries from {opens} to {closes}.",
    "该需求清单的征集期为{opens}至{closes}。",
)
declare(
    "round_has_open_entries",
    HTTPStatus.CONFLICT,
    "{count} entries have no outcome yet: {titles}. Give each one before you close the list.",
    "还有 {count} 条需求没有处理结果：{titles}。请逐条给出结果后再关闭清单。",
)
declare(
    "alternative_missing",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "State the stand-alone alternative first: what you would build alone, and at what cost. "
    "It is fixed when the need is submitted.",
    "请先填写独立建设方案：若单独建设需建什么、费用多少。提交后不可更改。",
)
declare("outcome_reason_missing", HTTPStatus.UNPROCESSABLE_ENTITY, "This outcome needs a reason.", "该处理结果需要说明理由。")
declare(
    "merge_target_unfit",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Entries are merged into an open entry of the same list and kind.",
    "只能合并到同一清单、同一类型的在办需求。",
)

ROUND = Machine(
    name="needs_list",
    subject=Text("The needs list", "需求清单"),
    states={"open": Text("collecting", "征集中"), "published": Text("published", "已发布"), "closed": Text("closed", "已关闭")},
    transitions={
        "publish": (frozenset({"open"}), "published"),
        "edit": (frozenset({"open"}), "open"),
        "close": (frozenset({"published"}), "closed"),
    },
    labels={"publish": Text("publish", "发布"), "edit": Text("edit", "修改"), "close": Text("close", "关闭")},
    initial="open",
    final=frozenset({"closed"}),
)

OPEN_STATES = frozenset({"draft", "submitted", "published", "matched"})
ENTERED_STATES = OPEN_STATES - {"draft"}  # in the list; a draft is still its requester's own
ENTRY = Machine(
    name="need",
    subject=Text("The need", "需求"),
    states={
        "draft": Text("draft", "草稿"),
        "submitted": Text("submitted", "已提交"),
        "published": Text("published", "已发布"),
        "matched": Text("matched", "已匹配"),
        "left": Text("closed with an outcome", "已结案"),
    },
    transitions={
        "edit": (frozenset({"draft"}), "draft"),
        "submit": (frozenset({"draft"}), "submitted"),
        "publish": (frozenset({"submitted"}), "published"),
        "match": (frozenset({"published"}), "matched"),
        "unmatch": (frozenset({"matched"}), "published"),
        "withdraw": (OPEN_STATES, "left"),
        "leave": (ENTERED_STATES, "left"),
        "restore": (frozenset({"left"}), "submitted"),
        "republish": (frozenset({"left"}), "published"),
    },
    labels={
        "edit": Text("edit", "修改"),
        "submit": Text("submit", "提交"),
        "publish": Text("publish", "发布"),
        "match": Text("match", "匹配"),
        "unmatch": Text("unmatch", "取消匹配"),
        "withdraw": Text("withdraw", "撤回"),
        "leave": Text("give an outcome", "给出结果"),
        "restore": Text("put back", "恢复"),
        "republish": Text("put back as published", "恢复发布"),
    },
    initial="draft",
)

OUTCOMES = {
    "served": Text("served", "已满足"),
    "partly_served": Text("partly served", "部分满足"),
    "merged": Text("merged", "已合并"),
    "carried_over": Text("carried over", "结转下期"),
    "returned": Text("returned", "退回"),
    "to_be_cobuilt": Text("to be co-built", "共建"),
    "own_build": Text("own build allowed", "允许自建"),
    "withdrawn": Text("withdrawn", "已撤回"),
}
NEED_REASON = frozenset({"own_build", "returned"})
BY_ADMINISTRATION = frozenset({"partly_served", "returned", "to_be_cobuilt", "own_build", "served"})
PURPOSES = {
    "general": Text("general", "一般"),
    "universal_service": Text("universal service", "普遍服务"),
    "emergency": Text("emergency communications", "应急通信保障"),
}
PRIORITIES = {"high": Text("high", "高"), "normal": Text("normal", "中"), "low": Text("low", "低")}


def check_collecting(status: str, opens_on: date, closes_on: date, today: date) -> None:
    """Entries are added and submitted only while the list collects."""
    if status != "open" or not opens_on <= today < closes_on:
        raise fail("round_not_collecting", opens=opens_on, closes=closes_on)


def check_outcome(outcome: str, reason: str | None) -> None:
    if outcome in NEED_REASON and not (reason or "").strip():
        raise fail("outcome_reason_missing")


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides how precisely a viewer sees an entry. `same_tree`: of the requester's own tree; `same_sector`: a possible
    rival."""

    status: str
    outcome: str | None
    tier: str
    same_tree: bool
    same_sector: bool
    is_administration: bool  # communications administration of the region
    is_regulator: bool  # sector regulator there
    is_evaluator: bool


def visible_tier(facts: Facts) -> str | None:
    """T1 (roughly where), T2 (exactly where), T3 (with budget, alternative and the rest that concerns only the requester), or
    None: a rival sees none, and drafts are the requester's own."""
    if facts.same_tree:
        return "T3"
    if facts.status == "draft":
        return None
    if facts.is_administration:
        return "T3"
    if facts.status == "submitted":
        return None
    if facts.is_regulator or facts.is_evaluator:
        return "T3"
    if facts.same_sector or facts.tier == "T0":
        return None
    return facts.tier
