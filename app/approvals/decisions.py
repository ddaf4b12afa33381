"""The life of one approval task, and what a decision must say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
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

APPROVAL = Machine(
    name="approval",
    subject=Text("The approval", "审批"),
    states={
        "waiting": Text("waiting", "待审批"),
        "approved": Text("approved", "同意"),
        "approved_with_conditions": Text("approved with conditions", "附条件同意"),
        "returned": Text("returned", "退回"),
        "refused": Text("refused", "否决"),
        "noted": Text("noted", "已阅"),
        "void": Text("void", "失效"),
    },
    transitions={
        "approve": (frozenset({"waiting"}), "approved"),
        "approve_with_conditions": (frozenset({"waiting"}), "approved_with_conditions"),
        "return": (frozenset({"waiting"}), "returned"),
        "refuse": (frozenset({"waiting"}), "refused"),
        "note": (frozenset({"waiting"}), "noted"),
        "void": (frozenset({"waiting"}), "void"),
    },
    labels={
        "approve": Text("approve", "同意"),
        "approve_with_conditions": Text("approve with conditions", "附条件同意"),
        "return": Text("return", "退回"),
        "refuse": Text("refuse", "否决"),
        "note": Text("note", "备注"),
        "void": Text("void", "作废"),
    },
    initial="waiting",
    final=frozenset({"approved", "approved_with_conditions", "returned", "refused", "noted", "void"}),
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


def check_words(action: str, reasons: str | None, conditions: str | None) -> None:
    """A return and a refusal give reasons; an approval with conditions names them."""
    missing = []
    if action in ("return", "refuse") and not (reasons or "").strip():
        missing.append(Problem("required", Text("Give the reasons.", "请填写理由。"), pointer="/reasons"))
    if action == "approve_with_conditions" and not (conditions or "").strip():
        missing.append(Problem("required", Text("Name the conditions.", "请填写条件。"), pointer="/conditions"))
    if missing:
        raise fail("invalid", missing)


def all_approved(tasks: Iterable[tuple[str, str]]) -> bool:
    """Whether every deciding regulator approved, of (mode, status) pairs. Those consulted or informed hold nothing up."""
    return all(status in POSITIVE for mode, status in tasks if mode == "decide")
