"""What a need would match were it asked otherwise: its reach, window, budget, quantity and requirements moved, nothing stored.

Computed on what the viewer may see, as the need's own matches are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.catalogue.kinds import KINDS
from app.catalogue.validation import validate_values
from app.db.work import Reader
from app.engine import NO_BUDGET, NeedRow, Params, Problem, Stop, build_problem, explain_each, solve
from app.engine.compile import compile_kinds
from app.engine.rows import need_columns
from app.kernel.errors import Problem as Fault
from app.kernel.errors import fail
from app.kernel.text import Text
from app.matching.faces import Faces, faces_around
from app.matching.queries import ANSWER_S, Pair, inside_need, pair_of, policy_terms, problem_of, reached
from app.matching.source import Scope, need_rows, roots
from app.needs import RADIUS, NeedView, takes_radius

SHOWN = 20
NOW, THEN = 0, 1


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is asked otherwise; None, or absent, stays as it is. `budget_minor`: for all of the need, a year. `window_end`: the day
    after the last. `requirements`: by name, in the declared unit; the kind's counted one is the quantity."""

    radius_m: float | None = None
    budget_minor: int | None = None
    window_start: date | None = None
    window_end: date | None = None
    requirements: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """`before`, `after`: how many fit as asked, and asked otherwise. `gained`: the best that fit only then, with the reasons as they
    would be; `lost`: that fit only now, with what would stand in the way."""

    need: NeedView
    before: int
    after: int
    gained: tuple[Pair, ...]
    lost: tuple[Pair, ...]
    gained_count: int
    lost_count: int


def what_if(reader: Reader, need_ref: str, asked: WhatIf) -> Answer:
    """The changed answer. Raises `invalid` naming what cannot be asked."""
    need = inside_need(reader, need_ref)
    metres = max(need.radius_m, _checked(need, asked).radius_m or 0)
    faces = reached(need, faces_around(reader, need.kind, need.geometry, metres).faces, metres)
    if not faces:
        return Answer(need, 0, 0, (), (), 0, 0)
    problem = _problem(reader, need, faces, asked)
    ids = problem.listings.id.tolist()
    fit_now, fit_then = _fitting(problem)
    before, after = set(fit_now), set(fit_then)
    gained, lost = [i for i in fit_then if i not in before], [i for i in fit_now if i not in after]
    policy = policy_terms(need)

    def explained(rows: list[int]) -> tuple[Pair, ...]:
        faces.tell(ids[row] for row in rows[:SHOWN])
        return tuple(pair_of(problem, one, faces[ids[one.listing]], policy) for one in explain_each(problem, THEN, rows[:SHOWN]))

    return Answer(need, len(fit_now), len(fit_then), explained(gained), explained(lost), len(gained), len(lost))


def _checked(need: NeedView, asked: WhatIf) -> WhatIf:
    kind = KINDS[need.kind]
    values, found = validate_values(kind.requirements, {**need.requirements, **asked.requirements}, pointer="/requirements")
    problems = list(found)
    if asked.radius_m is not None and not takes_radius(need.shape, asked.radius_m):
        problems.append(Fault("invalid", RADIUS, pointer="/radius_m"))
    start, end = asked.window_start or need.window_start, asked.window_end or need.window_end
    if end <= start:
        problems.append(Fault("invalid", Text("Ends before it starts.", "结束日期早于开始日期。"), pointer="/window_end"))
    if not problems and (values.get(kind.quantity) or 0) < 1:
        problems.append(
            Fault("invalid", Text("Ask for at least one.", "数量至少为 1。"), pointer=f"/requirements/{kind.quantity}")
        )
    if problems:
        raise fail("invalid", problems)
    return asked


def _problem(reader: Reader, need: NeedView, faces: Faces, asked: WhatIf) -> Problem:
    """The need as it is asked (`NOW`), and as it would be (`THEN`), against the same listings."""
    now = problem_of(reader, need, faces)
    (row,) = need_rows(reader.session, Scope(kind=need.kind, need_ids=[need.id]), roots(reader.session))
    both = [row, replace(_changed(row, need, asked), id=row.id + 1)]
    return build_problem(now.kinds, now.listings, need_columns(compile_kinds(now.kinds), both))


def _changed(row: NeedRow, need: NeedView, asked: WhatIf) -> NeedRow:
    kind = KINDS[need.kind]
    values, _ = validate_values(kind.requirements, {**need.requirements, **asked.requirements})
    if kind.quantity not in asked.requirements:
        values[kind.quantity] = row.values[kind.quantity]  # what is outstanding
    count = int(values[kind.quantity]) if kind.quantity in asked.requirements else need.quantity
    whole = need.budget_minor if asked.budget_minor is None else asked.budget_minor
    return replace(
        row,
        radius_m=row.radius_m if asked.radius_m is None else asked.radius_m,
        budget_minor=NO_BUDGET if whole is None else whole // count,
        currency=need.currency,
        start=(asked.window_start or need.window_start).toordinal(),
        end=(asked.window_end or need.window_end).toordinal(),
        values=values,
    )


def _fitting(problem: Problem) -> tuple[list[int], list[int]]:
    """Listings that fit, best first: as it is asked, and as it would be."""
    found = solve(problem, Params(top_k=max(1, len(problem.listings)), near_k=0, threads=1), Stop(deadline_s=ANSWER_S), 0)
    now, then = ([listing for listing, _, _ in found.by_need.of(need)] for need in (NOW, THEN))
    return now, then
