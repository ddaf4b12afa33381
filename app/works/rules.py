"""The life of works and of a request to join them; dates, chainage, and what the mandatory reservation lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus

from app.catalogue.declaration import Geometry, Sort
from app.catalogue.kinds import KINDS
from app.catalogue.works_terms import CLOSED, NEVER, SPONSOR, WorksRule, WorksSpace
from app.kernel.errors import Problem, declare
from app.kernel.statemachine import Machine
from app.kernel.text import Text
from app.kernel.workcalendar import ONE_DAY, months_later

LIFE = Machine(
    name="works",
    subject=Text("The works", "该工程"),
    states={
        "draft": Text("Draft", "草稿"),
        "announced": Text("Announced", "已公布"),
        "completed": Text("Completed", "已建成"),
        "cancelled": Text("Cancelled", "已取消"),
    },
    initial="draft",
    final=frozenset({"completed", "cancelled"}),
    transitions={
        "announce": (frozenset({"draft"}), "announced"),
        "complete": (frozenset({"announced"}), "completed"),
        "cancel": (frozenset({"draft", "announced"}), "cancelled"),
    },
    labels={"announce": Text("Announce", "公布"), "complete": Text("Complete", "建成"), "cancel": Text("Cancel", "取消")},
)
JOIN = Machine(
    name="works_join",
    subject=Text("The request to join", "该加入申请"),
    states={
        "waiting": Text("Waiting", "待答复"),
        "accepted": Text("Accepted", "已接受"),
        "refused": Text("Refused", "已拒绝"),
        "withdrawn": Text("Withdrawn", "已撤回"),
        "late": Text("Late", "逾期"),
        "too_late": Text("Too late", "逾期不予受理"),
        "passed": Text("Does not join", "不加入"),
    },
    initial="waiting",
    final=frozenset({"refused", "withdrawn", "too_late", "passed"}),
    transitions={
        "accept": (frozenset({"waiting", "late"}), "accepted"),
        "refuse": (frozenset({"waiting", "late"}), "refused"),
        "withdraw": (frozenset({"waiting", "late", "accepted"}), "withdrawn"),
        "find_late": (frozenset({"waiting"}), "late"),
        "find_too_late": (frozenset({"waiting"}), "too_late"),
        "pass_on": (frozenset({"waiting"}), "passed"),
    },
    labels={
        "accept": Text("Accept", "接受"),
        "refuse": Text("Refuse", "拒绝"),
        "withdraw": Text("Withdraw", "撤回"),
        "find_late": Text("Find late", "认定逾期"),
        "find_too_late": Text("Find too late", "认定逾期不予受理"),
        "pass_on": Text("Not join", "不加入"),
    },
)
STANDING = ("waiting", "late", "accepted")  # a request that is not over: its organisation asks no second time
LATE = Text("Joining was possible until {last}; this asks on {asked}.", "加入申请截止于 {last}，本次申请日为 {asked}，已逾期。")
STANDS = Text("The space and power reserved for communications stand.", "为通信预留的空间与电力不受影响。")
FOUND_LATE = {SPONSOR: "find_late", CLOSED: "find_too_late"}  # by what the profile says of late requests

declare(
    "works_too_soon",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Works are announced {months} before the permit: the first day for it is {first}.",
    "工程须在申请许可前{months}公布：许可日期最早为 {first}。",
)
declare("works_without_elements", HTTPStatus.UNPROCESSABLE_ENTITY, "Name at least one element.", "请至少填写一个构件。")
declare("own_works", HTTPStatus.CONFLICT, "These are your own works.", "这是本单位的工程。")
declare("join_standing", HTTPStatus.CONFLICT, "Your organisation has answered already.", "贵单位已作答复。")
declare(
    "works_promised",
    HTTPStatus.CONFLICT,
    "Others hold capacity on these elements: {holders}. End those first.",
    "已有单位占用这些构件的容量：{holders}，须先行解除。",
)


@dataclass(frozen=True, slots=True)
class Element:
    """One thing to be built, as stated. `capacity`, `reserved`: dimension → amount in its unit."""

    kind: str
    name: str
    from_m: int
    to_m: int
    level: str = ""
    bore_mm: int | None = None
    capacity: Mapping[str, float] = field(default_factory=dict)
    reserved: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lack:
    """A mandatory reservation that is not there. `have`: what is reserved; `gaps`: stretches of chainage without it."""

    space: WorksSpace
    have: float
    gaps: Sequence[tuple[int, int]] = ()


def plannable() -> tuple[str, ...]:
    """The kinds of asset that works can plan: what they demand beyond the works' own figures has a default."""
    return tuple(kind.name for kind in KINDS.all() if all(f.default is not None for f in kind.attributes if f.required))


def first_permit(today: date, rule: WorksRule | None) -> date:
    """The first day on which the permit may be applied for, of works announced today."""
    return months_later(today, rule.publish_months) if rule and rule.publish_months else today + ONE_DAY


def join_until(permit_on: date, completes_on: date, rule: WorksRule | None) -> date:
    """The last day on which a request to join is in time: the completion, where no time is set."""
    if rule and rule.late.then == NEVER:
        return completes_on
    return months_later(permit_on, -rule.request_months) if rule and rule.request_months else permit_on - ONE_DAY


def asked(on: date, last: date, then: str) -> str:
    """The state of a request to join that comes on a day, by what the rule says of late ones."""
    return "waiting" if on <= last or then == NEVER else JOIN.move("waiting", FOUND_LATE[then])


def dates_wrong(permit_on: date, starts_on: date, completes_on: date) -> list[Problem]:
    found = []
    if starts_on < permit_on:
        found.append(_problem("starts_on", "Works start after their permit.", "开工不得早于许可。"))
    if completes_on <= starts_on:
        found.append(_problem("completes_on", "They are complete after they start.", "建成应晚于开工。"))
    return found


def element_wrong(element: Element, from_m: int, to_m: int, pointer: str = "") -> list[Problem]:
    """Everything that is wrong with an element on a route of that chainage."""
    found = []

    def wrong(name: str, en: str, zh: str) -> None:
        found.append(_problem(name, en, zh, pointer))

    if element.kind not in plannable():
        wrong("kind", "Choose the kind of asset.", "请选择设施类型。")
        return found
    if not element.name.strip():
        wrong("name", "Give it a name.", "请填写名称。")
    if not from_m <= element.from_m <= element.to_m <= to_m:
        wrong("from_m", f"Chainage lies from {from_m} to {to_m}.", f"里程应在 {from_m} 至 {to_m} 之间。")
    elif element.from_m == element.to_m and KINDS[element.kind].geometry == (Geometry.LINE,):
        wrong("to_m", "A line has a length.", "线状构件应有长度。")
    dimensions = {d.name for d in KINDS[element.kind].dimensions if d.sort is not Sort.LIMIT}
    for name, amount in element.capacity.items():
        if name not in dimensions or amount < 0:
            wrong(f"capacity/{name}", "This is no capacity of it.", "该构件没有此项容量。")
    for name, amount in element.reserved.items():
        if amount < 0 or amount > element.capacity.get(name, 0):
            wrong(f"reserved/{name}", "No more than is planned can be reserved.", "预留不得超过规划容量。")
    return found


def lacking(spaces: Iterable[WorksSpace], elements: Sequence[Element], from_m: int, to_m: int) -> list[Lack]:
    """What of the mandatory reservation is not there. A space that runs along the route leaves no stretch of it out."""
    found = []
    for space in spaces:
        of_kind = [e for e in elements if e.kind == space.asset]
        have = [e.reserved.get(space.dimension, 0.0) for e in of_kind]
        if space.along:
            enough = [(e.from_m, e.to_m) for e, amount in zip(of_kind, have, strict=True) if amount >= space.least]
            if gaps := uncovered(enough, from_m, to_m):
                found.append(Lack(space, max(have, default=0.0), gaps))
        elif sum(have) < space.least:
            found.append(Lack(space, sum(have)))
    return found


def uncovered(stretches: Iterable[tuple[int, int]], from_m: int, to_m: int) -> list[tuple[int, int]]:
    """The parts of [from, to] that no stretch covers, in order."""
    found, reached = [], from_m
    for start, end in sorted(stretches):
        if start > reached:
            found.append((reached, min(start, to_m)))
        reached = max(reached, end)
    return [*found, (reached, to_m)] if reached < to_m else found


def _problem(name: str, en: str, zh: str, pointer: str = "") -> Problem:
    return Problem("invalid", Text(en, zh), pointer=f"{pointer}/{name}")
