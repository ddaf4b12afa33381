"""Why, and why not: every criterion of one pair, with its figures and its sentence. Works for any pair, however far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.catalogue.declaration import AssetKind, Criterion, Test
from app.engine import compile as c
from app.engine import wording
from app.engine.distance import pair_distance_mm
from app.engine.facts import Facts, prepare
from app.engine.judge import Judged, judge, supply_of
from app.engine.problem import AREA, MISSING, Ints, Problem
from app.engine.spell import longest_spell
from app.kernel.text import Text

TOLD_WHOLE_MM = 10_000  # from here on distances are told in whole metres


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion of a pair. `supply`, `demand`, `margin`: as in `judge` (thousandths; REACH mm, WINDOW days, PRICE minor
    units), None where
    there is no figure. `asked`: the need asks for it; `stated`: the two sides can be compared. `points`: milli-points of
    `weight` × 1000. `spell`: of a capacity that falls short, the longest part of the window in which it would do."""

    criterion: Criterion
    passed: bool
    asked: bool
    stated: bool
    supply: int | None
    demand: int | None
    margin: int | None
    points: int
    sentence: Text
    spell: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    need: int
    listing: int
    distance_mm: int
    matches: bool
    score: int  # the reasons' points and the need's bonus
    reasons: tuple[Reason, ...]

    @property
    def failed(self) -> tuple[Reason, ...]:
        return tuple(r for r in self.reasons if not r.passed)


def explain(problem: Problem, need: int, listing: int) -> Explanation:
    """Explain one pair, by indices. The kinds must be the same; otherwise ValueError."""
    return explain_each(problem, need, [listing])[0]


def explain_each(problem: Problem, need: int, listings: Sequence[int]) -> list[Explanation]:
    """Explain a need beside each of these listings, all judged at once."""
    kind = int(problem.needs.kind[need])
    i = np.array(listings, np.int64)
    if (problem.listings.kind[i] != kind).any():
        raise ValueError("a need and a listing of different kinds are never compared")
    facts, away = prepare(problem).facts, [pair_distance_mm(problem, need, listing) for listing in listings]
    q = np.full(len(i), need, np.int64)
    judged = judge(facts, q, i, np.array(away, np.int64), detail=True)
    supplies = {
        position: supply_of(facts, facts.table[kind, position], q, i)
        for position in range(len(problem.kinds[kind].all_criteria))
        if facts.table[kind, position, c.TEST] < c.REACH
    }
    return [
        _explained(problem, need, listing, row, distance, judged, {p: int(s[row]) for p, s in supplies.items()})
        for row, (listing, distance) in enumerate(zip(i.tolist(), away, strict=True))
    ]


def _explained(
    problem: Problem, need: int, listing: int, row: int, distance: int, judged: Judged, supplies: dict[int, int]
) -> Explanation:
    """One row of what was judged. `supplies`: of the criteria that compare a supply, by position."""
    kind, facts = int(problem.needs.kind[need]), prepare(problem).facts
    failed, blank = int(judged.fail[row]), int(judged.unstated[row])
    reasons = []
    for position, criterion in enumerate(problem.kinds[kind].all_criteria):
        bit = 1 << position
        supply, demand = _figures(facts, facts.table[kind, position], need, listing, distance, supplies.get(position))
        margin = int(judged.margin[row, position])
        reasons.append(
            _reason(
                problem,
                criterion,
                (need, listing),
                passed=not failed & bit,
                stated=not blank & bit,
                supply=supply,
                demand=demand,
                margin=None if margin == MISSING else margin,
                points=int(judged.points[row, position]),
            )
        )
        if facts.table[kind, position, c.TEST] == c.CAPACITY and not reasons[-1].passed and reasons[-1].stated:
            reasons[-1] = _hinted(reasons[-1], longest_spell(facts, facts.table[kind, position], need, listing))
    return Explanation(need, listing, distance, failed == 0, int(judged.score[row]), tuple(reasons))


def _hinted(reason: Reason, spell: tuple[int, int] | None) -> Reason:
    """The reason with the part of the window in which the capacity would do, also in its sentence."""
    if spell is None:
        return reason
    hint = wording.fill(wording.SPELL, value=wording.period(*spell))
    return replace(reason, spell=spell, sentence=Text(f"{reason.sentence.en} {hint.en}", f"{reason.sentence.zh}{hint.zh}"))


def _figures(facts: Facts, row: Ints, q: int, i: int, distance: int, compared: int | None) -> tuple[int | None, int | None]:
    """(supply, demand) of one criterion; `compared`: the supply of one that compares it."""
    test = int(row[c.TEST])
    if test == c.REACH:
        return distance, int(facts.n_radius[q])
    if test == c.WINDOW:
        return int(facts.l_end[i] - facts.l_start[i]), int(facts.n_end[q] - facts.n_start[q])
    if test == c.PRICE:
        price, budget = int(facts.l_price[i]), int(facts.n_budget[q])
        return (None if price < 0 else price), (None if budget < 0 else budget)
    if test == c.NOT_OWN:
        return int(facts.l_owner[i]), int(facts.n_organisation[q])
    demand = int(facts.n_values[q, row[c.DEMAND]])
    return (None if compared == MISSING else compared), (None if demand == MISSING else demand)


def _reason(
    problem: Problem,
    criterion: Criterion,
    pair: tuple[int, int],
    *,
    passed: bool,
    stated: bool,
    supply: int | None,
    demand: int | None,
    margin: int | None,
    points: int,
) -> Reason:
    asked = True
    if criterion.test in (Test.PRICE, Test.EQUALS):
        asked = demand is not None
    elif criterion.demand is not None:
        asked = demand is not None and demand > 0
    sentence = _sentence(problem, criterion, pair, passed, asked, stated, supply, demand, margin)
    return Reason(criterion, passed, asked, stated, supply, demand, margin, points, sentence)


def _sentence(
    problem: Problem,
    criterion: Criterion,
    pair: tuple[int, int],
    passed: bool,
    asked: bool,
    stated: bool,
    supply: int | None,
    demand: int | None,
    margin: int | None,
) -> Text:
    kind = problem.kinds[int(problem.needs.kind[pair[0]])]
    spoken = criterion.passed if passed else criterion.failed
    short = abs(margin or 0)
    if criterion.test is Test.REACH:
        return _reach_sentence(problem, pair[0], spoken, passed, supply or 0, demand or 0, short)
    if criterion.test is Test.WINDOW:
        needs, listings = problem.needs, problem.listings
        return wording.fill(
            spoken,
            margin=wording.days(short),
            supply=wording.period(int(listings.start[pair[1]]), int(listings.end[pair[1]])),
            demand=wording.period(int(needs.start[pair[0]]), int(needs.end[pair[0]])),
        )
    if criterion.test is Test.PRICE:
        return _price_sentence(problem, pair, spoken, stated, supply, demand, short)
    if criterion.test is Test.NOT_OWN:
        return spoken
    if not stated:
        return wording.fill(wording.NOT_STATED, label=criterion.label)
    if not asked:
        return wording.fill(wording.NOT_ASKED, label=criterion.label)
    return _comparison_sentence(kind, criterion, spoken, supply, demand, short)


def _comparison_sentence(
    kind: AssetKind, criterion: Criterion, spoken: Text, supply: int | None, demand: int | None, short: int
) -> Text:
    return wording.fill(
        spoken,
        supply=wording.amount(kind, criterion, supply or 0),
        demand=wording.amount(kind, criterion, demand or 0),
        margin=wording.amount(kind, criterion, short),
    )


def _reach_sentence(problem: Problem, need: int, spoken: Text, passed: bool, distance: int, reach: int, short: int) -> Text:
    if problem.needs.place.form[need] == AREA and (distance == 0 or reach == 0):
        return wording.INSIDE if passed else wording.fill(wording.OUTSIDE, margin=wording.metres(distance))
    away = round(distance, -2) if passed else distance  # what lies within reach is no nearer for its millimetres
    if distance >= TOLD_WHOLE_MM:
        away = -(-(distance - 500) // 1000) * 1000
        short = abs(reach - away) if short >= TOLD_WHOLE_MM else short  # between the figures that are told
    return wording.fill(spoken, supply=wording.metres(away), demand=wording.metres(reach), margin=wording.metres(short))


def _price_sentence(
    problem: Problem,
    pair: tuple[int, int],
    spoken: Text,
    stated: bool,
    price: int | None,
    budget: int | None,
    short: int,
) -> Text:
    asked_in, priced_in = int(problem.needs.currency[pair[0]]), int(problem.listings.currency[pair[1]])
    if price is None:
        return wording.ON_REQUEST
    if budget is None:
        return wording.fill(wording.NO_BUDGET, supply=wording.money(price, priced_in))
    if not stated:
        return wording.fill(
            wording.OTHER_CURRENCY, supply=Text(*[c.currency_name(priced_in)] * 2), demand=Text(*[c.currency_name(asked_in)] * 2)
        )
    return wording.fill(
        spoken,
        supply=wording.money(price, priced_in),
        demand=wording.money(budget, asked_in),
        margin=wording.money(short, asked_in),
    )
