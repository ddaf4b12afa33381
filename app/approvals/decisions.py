"""The life of one approval task, who may act on it after whom, and what a decision must say. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from app.kernel.errors import Problem, declare, fail
from app.kernel.statemachine import Machine
from app.kernel.text import Text

declare(
    "not_deciding",
    HTTPStatus.CONFLICT,
    "You are consulted or informed here: you can note, not decide.",
    "贵单位在此为征求意见或备案单位，可备注，不作审批决定。",
)
declare(
    "deciding",
    HTTPStatus.CONFLICT,
    "This waits for your decision: a note does not settle it.",
    "此事项须作出审批决定，仅备注不能办结。",
)
declare(
    "four_eyes",
    HTTPStatus.FORBIDDEN,
    "You proposed this decision: another officer of your authority confirms it.",
    "该决定由您拟办，须由本机关另一名人员核签。",
)
declare(
    "case_of_another",
    HTTPStatus.CONFLICT,
    "This is the case of {officer}. Take it over first, or let {officer} delegate it to you.",
    "该事项由{officer}承办。请先接手承办，或由其委托给您。",
)
declare(
    "ledger_changed",
    HTTPStatus.CONFLICT,
    "What is registered of the assets changed since you read it: read what changed, then decide.",
    "自您阅读之后，相关设施的登记或容量已有变化。请先查看变化内容，再作决定。",
)
OPEN = frozenset({"waiting", "proposed"})
APPROVAL = Machine(
    name="approval",
    subject=Text("The approval", "审批"),
    states={
        "waiting": Text("waiting", "待审批"),
        "proposed": Text("to be confirmed", "待核签"),
        "approved": Text("approved", "同意"),
        "approved_with_conditions": Text("approved with conditions", "附条件同意"),
        "returned": Text("returned", "退回"),
        "refused": Text("refused", "否决"),
        "noted": Text("noted", "已阅"),
        "void": Text("void", "失效"),
    },
    transitions={
        "propose": (frozenset({"waiting"}), "proposed"),
        "send_back": (frozenset({"proposed"}), "waiting"),
        "approve": (OPEN, "approved"),
        "approve_with_conditions": (OPEN, "approved_with_conditions"),
        "return": (OPEN, "returned"),
        "refuse": (OPEN, "refused"),
        "note": (frozenset({"waiting"}), "noted"),
        "reopen": (frozenset({"proposed", "approved", "approved_with_conditions"}), "waiting"),
        "void": (frozenset({"waiting", "proposed", "approved", "approved_with_conditions"}), "void"),
    },
    labels={
        "propose": Text("propose a decision", "拟办"),
        "send_back": Text("send back", "退回承办人"),
        "approve": Text("approve", "同意"),
        "approve_with_conditions": Text("approve with conditions", "附条件同意"),
        "return": Text("return", "退回"),
        "refuse": Text("refuse", "否决"),
        "note": Text("note", "备注"),
        "reopen": Text("decide again", "重新审批"),
        "void": Text("void", "作废"),
    },
    initial="waiting",
    final=frozenset({"returned", "refused", "noted", "void"}),
)
CONDITION = Machine(
    name="condition",
    subject=Text("The condition", "附加条件"),
    states={
        "open": Text("to be fulfilled", "待落实"),
        "reported": Text("reported as fulfilled", "已报落实"),
        "fulfilled": Text("fulfilled", "已落实"),
        "void": Text("void", "失效"),
    },
    transitions={
        "report": (frozenset({"open"}), "reported"),
        "reject": (frozenset({"reported"}), "open"),
        "accept": (frozenset({"open", "reported"}), "fulfilled"),
        "void": (frozenset({"open", "reported", "fulfilled"}), "void"),
    },
    labels={
        "report": Text("report", "报告落实"),
        "reject": Text("reject", "不予认可"),
        "accept": Text("accept", "认可"),
        "void": Text("void", "作废"),
    },
    initial="open",
    final=frozenset({"void"}),
)
MODES = {"decide": Text("decides", "审批"), "consult": Text("is consulted", "征求意见"), "file": Text("is informed", "备案")}
POSITIVE = frozenset({"approved", "approved_with_conditions"})
DECISIONS = ("approve", "approve_with_conditions", "return", "refuse")


def check_mode(mode: str, action: str) -> None:
    """Only a deciding regulator decides; only the others merely note."""
    if action == "note" and mode == "decide":
        raise fail("deciding")
    if action in DECISIONS and mode != "decide":
        raise fail("not_deciding")


@dataclass(frozen=True, slots=True)
class ConditionAsked:
    """A condition as a decision states it. `by`: ref of the party that fulfils it."""

    text: str
    by: str
    due_on: date | None


def check_words(
    action: str,
    reasons: str | None,
    conditions: Sequence[ConditionAsked] = (),
    parties: Collection[str] = (),
    today: date | None = None,
) -> None:
    """A return and a refusal give reasons; an approval with conditions names each, who fulfils it, and by when."""
    problems = []
    if action in ("return", "refuse") and not (reasons or "").strip():
        problems.append(Problem("required", Text("Give the reasons.", "请填写理由。"), pointer="/reasons"))
    if action == "approve_with_conditions":
        if not conditions:
            problems.append(Problem("required", Text("Name the conditions.", "请填写条件。"), pointer="/conditions"))
        for place, one in enumerate(conditions):
            problems += _faults(f"/conditions/{place}", one, parties, today)
    if problems:
        raise fail("invalid", problems)


def _faults(pointer: str, one: ConditionAsked, parties: Collection[str], today: date | None) -> Iterable[Problem]:
    if not one.text.strip():
        yield Problem("required", Text("Say what is to be done.", "请写明须完成的事项。"), pointer=f"{pointer}/text")
    if one.by not in parties:
        yield Problem("invalid", Text("One of the two parties fulfils it.", "须由协议一方落实。"), pointer=f"{pointer}/by")
    if one.due_on is None or (today is not None and one.due_on < today):
        yield Problem(
            "invalid", Text("Give a day that is still to come.", "请填写今天或以后的日期。"), pointer=f"{pointer}/due_on"
        )


def check_second(four_eyes: bool, proposed_by: int | None, confirming: int | None) -> None:
    """Nobody confirms what they proposed. Raises `four_eyes`."""
    if four_eyes and (confirming is None or proposed_by == confirming):
        raise fail("four_eyes")


def check_case(officer_id: int | None, officer: str, acting: int | None, stands_in_for: Collection[int]) -> None:
    """A case is proposed on by whose it is, or by who stands in for that person. Raises `case_of_another`."""
    if officer_id is not None and officer_id != acting and officer_id not in stands_in_for:
        raise fail("case_of_another", officer=officer)


def all_approved(tasks: Iterable[tuple[str, str]]) -> bool:
    """Whether every deciding regulator approved, of (mode, status) pairs. Those consulted or informed hold nothing up."""
    return all(status in POSITIVE for mode, status in tasks if mode == "decide")
