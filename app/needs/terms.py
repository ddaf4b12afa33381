"""What a needs list asks of the entries that it takes: which kinds, what each must state, from whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Any, Protocol

from app.catalogue.kinds import KINDS
from app.kernel.errors import Problem, declare, fail
from app.kernel.text import Text

declare(
    "list_by_invitation",
    HTTPStatus.CONFLICT,
    "This needs list takes entries only from the organisations that it invites, and yours is not among them.",
    "该需求清单仅限受邀单位提交，贵单位不在受邀之列。",
)
declare(
    "round_collects_still",
    HTTPStatus.CONFLICT,
    "The list has announced that it takes entries until before {closes}. Publish it from that day on, or change its dates first.",
    "该清单已公告征集至 {closes} 前。请自该日起发布，或先修改日期。",
)

AUDIENCES = {"all": Text("Every organisation", "全部单位"), "invited": Text("Only those invited", "仅限受邀单位")}
GENERAL = {  # what a list may ask of an entry of any kind, beyond what every list asks
    "owner_ref": Text("Own number of the organisation", "提出单位编号"),
    "latest_start": Text("Latest start", "最迟开始日期"),
    "minimum_term_months": Text("Shortest term", "最短期限"),
    "budget_minor": Text("Budget a year", "年度预算"),
    "alternative.cost_minor": Text("Cost of the stand-alone alternative", "独立建设费用"),
    "alternative.days": Text("Days that the stand-alone alternative takes", "独立建设工期"),
    "note": Text("Note", "备注"),
}


def of_kinds() -> dict[str, Text]:
    """What it may ask of the entries of one kind: `kind.field` of the requirements that need not be stated otherwise."""
    return {
        f"{kind.name}.{asked.name}": Text(f"{kind.label.en}: {asked.label.en}", f"{kind.label.zh}：{asked.label.zh}")
        for kind in KINDS.all()
        for asked in kind.requirements
        if not asked.required
    }


def stateable() -> dict[str, Text]:
    return GENERAL | of_kinds()


@dataclass(frozen=True, slots=True)
class Terms:
    """`kinds`: of entries that are taken, none: every kind. `must_state`: names of `stateable()`. `audience`: of `AUDIENCES`.
    `publishes_on`: the day on which the administration means to publish. `asks`: what is asked for and why, in its own words."""

    asks: str | None = None
    asks_zh: str | None = None
    publishes_on: date | None = None
    kinds: Sequence[str] = ()
    must_state: Sequence[str] = ()
    audience: str = "all"

    def takes(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    def must_be_stated(self, kind: str) -> list[str]:
        """Of an entry of this kind, as the fields of a need are called: `requirements.height_m`."""
        names = []
        for name in self.must_state:
            of, _, asked = name.partition(".")
            if name in GENERAL:
                names.append(name)
            elif of == kind:
                names.append(f"requirements.{asked}")
        return names


class Stated(Protocol):
    """What an entry states: the facts of a form, or a stored entry."""

    @property
    def requirements(self) -> Mapping[str, Any]: ...
    @property
    def alternative(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Cells:
    """What one row of a file states."""

    values: Mapping[str, Any]
    requirements: Mapping[str, Any] = field(default_factory=dict)
    alternative: Mapping[str, Any] | None = None


def lacking(terms: Terms, kind: str, entry: Stated) -> list[str]:
    """What the entry must state and does not."""
    return [name for name in terms.must_be_stated(kind) if _value(entry, name) in (None, "")]


def _value(entry: Any, name: str) -> Any:
    part, _, inner = name.partition(".")
    if part == "requirements":
        return entry.requirements.get(inner)
    if part == "alternative":
        return (entry.alternative or {}).get(inner)
    return entry.values.get(name) if isinstance(entry, Cells) else getattr(entry, name)


def entry_problems(terms: Terms, kind: str, entry: Stated, *, submit: bool) -> list[Problem]:
    """What keeps an entry out of the list, each at its field; a draft may still lack what it must state."""
    if not terms.takes(kind):
        taken = taken_kinds(terms)
        said = Text("This list takes only: {kinds}.", "该清单仅征集：{kinds}。").format(kinds=taken)
        return [Problem("kind_not_taken", said, pointer="/kind")]
    return [must_state(name, kind) for name in (lacking(terms, kind, entry) if submit else ())]


def must_state(name: str, kind: str) -> Problem:
    said = Text("This list asks every entry to state: {field}.", "该清单要求每条需求填写：{field}。").format(
        field=asked_name(name, kind)
    )
    return Problem("required", said, pointer="/" + name.replace(".", "/"))


def asked_name(name: str, kind: str) -> Text:
    part, _, inner = name.partition(".")
    return KINDS[kind].requirement(inner).label if part == "requirements" else GENERAL[name]


def taken_kinds(terms: Terms) -> Text:
    labels = [kind.plural for kind in KINDS.all() if terms.takes(kind.name)]
    return Text(", ".join(label.en for label in labels), "、".join(label.zh for label in labels))


def check_terms(terms: Terms, closes_on: date) -> list[Problem]:
    """What is wrong with what an administration wants to ask."""
    found: list[Problem] = []

    def wrong(pointer: str, en: str, zh: str) -> None:
        found.append(Problem("invalid", Text(en, zh), pointer=pointer))

    if terms.publishes_on is not None and terms.publishes_on < closes_on:
        wrong("/publishes_on", "It is published before it stops taking entries.", "发布日期早于征集截止日期。")
    if any(name not in KINDS for name in terms.kinds):
        wrong("/kinds", "Choose kinds of the catalogue.", "请选择目录中的类别。")
    known = stateable()
    if any(name not in known for name in terms.must_state):
        wrong("/must_state", "Choose fields that an entry has.", "请选择需求具有的字段。")
    elif any(not _asked_of_taken(name, terms) for name in terms.must_state):
        wrong("/must_state", "A field is asked of a kind that the list does not take.", "所选字段属于该清单不征集的类别。")
    if terms.audience not in AUDIENCES:
        wrong("/audience", "Choose who may enter.", "请选择征集范围。")
    return found


def _asked_of_taken(name: str, terms: Terms) -> bool:
    return name in GENERAL or terms.takes(name.partition(".")[0])


def in_order_of_catalogue(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [name for name in stateable() if name in wanted]


def check_entry(terms: Terms, kind: str, entry: Stated, *, submit: bool) -> None:
    """Raises `invalid` with what keeps the entry out, each at its field."""
    if problems := entry_problems(terms, kind, entry, submit=submit):
        raise fail("invalid", problems)
