"""What is asked of routes: from where to where, how much of which kind, when, within which limits, on which terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.catalogue.declaration import AssetKind, Geometry
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import RouteTerms
from app.engine.routing import DIVERSITIES
from app.kernel.errors import Problem, fail
from app.kernel.geometry import distance_m
from app.kernel.text import Text

MOST_ALTERNATIVES = 5
FARTHEST_M = 3_000_000.0
MOST_UNITS = 1_000
MOST_MINOR = 10**9
SAME_PLACE_M = 1.0


@dataclass(frozen=True, slots=True)
class End:
    """A or B: a place, and what it is called where it is something (a listing, the end of a need)."""

    lon: float
    lat: float
    label: str | None = None
    listing_ref: str | None = None

    @property
    def place(self) -> tuple[float, float]:
        return self.lon, self.lat


@dataclass(frozen=True, slots=True)
class RouteQuestion:
    """`units`: pairs or holes, as the kind counts. `requirements`: what each section must satisfy beside, as of a need.
    `handover_minor`, `build_minor_m`: what is paid once for a handover between owners, and for a metre that has to be built;
    None, as `gap_m`: as the jurisdiction sets it.
    By refs of listings: `only` these may be used; `without`: these may not; `kept`: these stand already for the asker, with
    enough held, and cost nothing more."""

    kind: str
    start: End
    goal: End
    units: int
    window_start: date
    window_end: date
    currency: str = "CNY"
    requirements: Mapping[str, Any] = field(default_factory=dict)
    loss_budget_db: float | None = None
    length_limit_m: float | None = None
    alternatives: int = 2
    diversity: str = "risk"
    handover_minor: int | None = None
    build_minor_m: int | None = None
    gap_m: float | None = None
    need_ref: str | None = None
    organisation_id: int | None = None
    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    terms: RouteTerms | None = None

    @property
    def known_terms(self) -> RouteTerms:
        """The jurisdiction's, once they were looked up (`terms.on_terms`)."""
        if self.terms is None:
            raise ValueError("the terms of this question were not looked up")
        return self.terms

    @property
    def asset_kind(self) -> AssetKind:
        return KINDS[self.kind]

    @property
    def days(self) -> int:
        return (self.window_end - self.window_start).days


def line_kinds() -> list[AssetKind]:
    """The kinds that lead somewhere: those whose only geometry is a line."""
    return [kind for kind in KINDS.all() if kind.geometry == (Geometry.LINE,)]


def check(question: RouteQuestion) -> RouteQuestion:
    """The question as it is, or `invalid` with everything that is wrong with it, by field."""
    problems = [Problem("invalid", text, pointer=f"/{name}") for name, text in _faults(question)]
    if problems:
        raise fail("invalid", problems)
    return question


def _faults(question: RouteQuestion) -> Iterator[tuple[str, Text]]:
    if question.kind not in {kind.name for kind in line_kinds()}:
        yield "kind", Text("Routes are over cables or ducts.", "路由只能沿光缆或管道查询。")
    ends = (("from", question.start), ("to", question.goal))
    nowhere = [name for name, end in ends if not (abs(end.lon) <= 180 and abs(end.lat) <= 90)]
    for name in nowhere:
        yield name, Text("This is no place on Earth: longitude comes first.", "该位置不在地球上：经度在前。")
    if not nowhere:
        yield from _apart(distance_m(question.start.place, question.goal.place))
    if question.window_start >= question.window_end:
        yield "window_end", Text("The end comes after the start.", "结束日期应晚于开始日期。")
    if question.diversity not in DIVERSITIES:
        yield "diversity", Text("Choose one of: {known}.", "请从以下选项中选择：{known}。").format(known=", ".join(DIVERSITIES))
    for name, value, least, most in (
        ("quantity", question.units, 1, MOST_UNITS),
        ("alternatives", question.alternatives, 0, MOST_ALTERNATIVES),
        ("handover_minor", question.handover_minor or 0, 0, MOST_MINOR),
        ("build_minor_m", question.build_minor_m or 0, 0, MOST_MINOR),
        ("gap_m", question.gap_m or 0, 0, 300),
        ("loss_budget_db", question.loss_budget_db or 0, 0, 200),
        ("length_limit_m", question.length_limit_m or 0, 0, 20_000_000),
    ):
        if not least <= value <= most:
            yield name, Text("From {least} to {most}.", "应在 {least} 至 {most} 之间。").format(least=least, most=most)


def _apart(far_m: float) -> Iterator[tuple[str, Text]]:
    if far_m <= SAME_PLACE_M:
        yield "to", Text("A and B are one place.", "A 与 B 为同一地点。")
    elif far_m > FARTHEST_M:
        yield "to", Text("A and B are more than 3,000 km apart.", "A 与 B 相距超过 3000 km。")
