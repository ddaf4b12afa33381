"""The lives of a closer look and of an exemption, and what each must state. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus

from app.catalogue.tiers import Tier
from app.kernel.errors import Problem, declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text

LONGEST_DAYS = 3 * 366  # a grant by hand; a need that lasts longer is asked for again
REASON_LEAST = 10  # characters
TIERS = ("T1", "T2", "T3")

LOOK = Machine(
    name="closer_look",
    subject=Text("The request for a closer look", "查看申请"),
    states={
        "open": Text("to be answered", "待答复"),
        "granted": Text("granted", "已准予"),
        "refused": Text("refused", "已拒绝"),
        "withdrawn": Text("withdrawn", "已撤回"),
    },
    transitions={
        "grant": (frozenset({"open"}), "granted"),
        "refuse": (frozenset({"open"}), "refused"),
        "withdraw": (frozenset({"open"}), "withdrawn"),
    },
    labels={"grant": Text("Grant it", "准予"), "refuse": Text("Refuse it", "拒绝"), "withdraw": Text("Withdraw it", "撤回")},
    initial="open",
    final=frozenset({"granted", "refused", "withdrawn"}),
)
EXEMPTION = Machine(
    name="exemption",
    subject=Text("The exemption", "豁免"),
    states={
        "asked": Text("to be decided", "待裁定"),
        "granted": Text("granted", "已准予"),
        "refused": Text("refused", "未准予"),
        "withdrawn": Text("withdrawn", "已撤回"),
        "ended": Text("ended early", "已提前终止"),
    },
    transitions={
        "grant": (frozenset({"asked"}), "granted"),
        "refuse": (frozenset({"asked"}), "refused"),
        "withdraw": (frozenset({"asked"}), "withdrawn"),
        "end": (frozenset({"granted"}), "ended"),
    },
    labels={
        "grant": Text("Grant the exemption", "准予豁免"),
        "refuse": Text("Refuse the exemption", "不予豁免"),
        "withdraw": Text("Withdraw the case", "撤回申请"),
        "end": Text("End it before its time", "提前终止"),
    },
    initial="asked",
    final=frozenset({"refused", "withdrawn", "ended"}),
)
DUTIES = {
    "disclosure": Text("closer looks", "精确信息披露"),
    "listing": Text("opening to others", "对外开放"),
}
GRANT_STATES = {
    "coming": Text("from later on", "尚未生效"),
    "active": Text("in force", "有效"),
    "expired": Text("expired", "已到期"),
    "revoked": Text("revoked", "已撤销"),
}
SOURCES = {
    "owner": Text("given by the owner", "权属单位授权"),
    "order": Text("ordered by a regulator", "主管部门责令"),
    "agreement": Text("part of a request or an agreement", "随申请或协议授权"),
}
declare(
    "grant_bound",
    HTTPStatus.CONFLICT,
    "This grant is part of a request or an agreement and ends with it.",
    "该授权属于申请或协议的一部分，随其终止而终止。",
)
declare(
    "exempt_from_disclosure",
    HTTPStatus.CONFLICT,
    "The competent authority has exempted this asset from closer looks.",
    "主管部门已准予该设施豁免精确信息披露。",
)
declare("look_not_needed", HTTPStatus.CONFLICT, "You see this as precisely already.", "您目前已可按该精度查看。")


def check_period(starts_on: date | None, ends_on: date | None, today: date) -> Iterator[Problem]:
    """Days, both included."""
    if ends_on is None:
        yield problem("required", "ends_on", "Say until when.", "请注明截止日期。")
        return
    if starts_on is not None and starts_on < today:
        yield problem("past", "starts_on", "The first day lies in the past.", "起始日期已过。")
    first = starts_on or today
    if ends_on < first:
        yield problem("period", "ends_on", "The last day comes before the first.", "截止日期早于起始日期。")
    elif ends_on - first > timedelta(days=LONGEST_DAYS):
        yield problem("too_long", "ends_on", "Three years is the longest; ask again after that.", "最长三年，期满可重新申请。")


def check_words(name: str, words: str) -> Iterator[Problem]:
    if len(words.strip()) < REASON_LEAST:
        yield problem("required", name, "Say it in a sentence that can be judged.", "请用完整语句说明，以便判断。")


def check_choice(name: str, value: str, choices: object) -> Iterator[Problem]:
    if value not in choices:  # type: ignore[operator]
        yield problem("unknown", name, "Choose one of the list.", "请从列表中选择。")


def check_grade(grade: str, tier: Tier, source: str) -> Iterator[Problem]:
    """Internal detail of a core asset is never ordered out of its owner's hands: it is the owner's to give."""
    if grade == "core" and tier is Tier.T3 and source == "order":
        yield problem(
            "core_detail",
            "tier",
            "Internal detail of a core asset is only its owner's to give.",
            "核心设施的内部细节只能由权属单位授权。",
        )


def problem(code: str, name: str, en: str, zh: str) -> Problem:
    return Problem(code, Text(en, zh), pointer=f"/{name}")


def refuse_problems(*checks: Iterator[Problem]) -> None:
    """Raise `invalid` with everything that the checks found."""
    found = [one for check in checks for one in check]
    if found:
        raise fail("invalid", found)
