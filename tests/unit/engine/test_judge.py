"""Criteria, capacity over time, scores, fail masks, ranking: against plain Python."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import ListingRow, NeedRow, Params, explain, problem_from_rows, solve
from app.engine.problem import MISSING
from tests.unit.engine.oracle import GEOD, THING, verdicts
from tests.unit.engine.scenes import scene

SEEDS = st.integers(0, 2**32 - 1)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(SEEDS)
@QUICK
def test_every_criterion_of_every_pair_in_reach(backend: str, seed: int) -> None:
    listings, needs = scene(seed)
    problem = problem_from_rows((THING,), listings, needs)
    pairs = solve(problem, Params(keep_pairs=True)).pairs
    by_id = {r.id: r for r in (*listings, *needs)}
    assert pairs is not None
    for p in range(len(pairs.need)):
        listing, need = by_id[int(problem.listings.id[pairs.listing[p]])], by_id[int(problem.needs.id[pairs.need[p]])]
        expected = verdicts(THING, listing, need, int(pairs.distance_mm[p]))
        assert pairs.score[p] == need.bonus_milli + sum(v.points for v in expected.values())
        for c, (name, v) in enumerate(expected.items()):
            margin = int(pairs.margin[p, c])
            assert (not pairs.fail[p] >> c & 1, bool(pairs.unstated[p] >> c & 1)) == (v.passed, v.unstated), name
            assert (None if margin == MISSING else margin) == v.margin, name


@given(SEEDS)
@QUICK
def test_explain_says_the_same_of_any_pair(backend: str, seed: int) -> None:
    listings, needs = scene(seed, listings=4, needs=2)
    problem = problem_from_rows((THING,), listings, needs)
    by_id = {r.id: r for r in (*listings, *needs)}
    for need in range(2):
        for listing in range(4):
            found = explain(problem, need, listing)
            rows = by_id[int(problem.listings.id[listing])], by_id[int(problem.needs.id[need])]
            expected = verdicts(THING, *rows, found.distance_mm)
            assert [(r.passed, not r.stated, r.margin, r.points) for r in found.reasons] == [
                (v.passed, v.unstated, v.margin, v.points) for v in expected.values()
            ]
            assert found.matches == all(v.passed for v in expected.values())
            assert found.score == rows[1].bonus_milli + sum(v.points for v in expected.values())
            assert all(r.sentence.en and r.sentence.zh and "{" not in r.sentence.en + r.sentence.zh for r in found.reasons)


@given(SEEDS, st.integers(1, 5))
@QUICK
def test_the_best_are_the_best_in_order(backend: str, seed: int, k: int) -> None:
    problem = problem_from_rows((THING,), *scene(seed, 25, 8))
    result = solve(problem, Params(top_k=k, listing_top_k=k, near_k=k, near_reach=1, keep_pairs=True))
    pairs = result.pairs
    assert pairs is not None
    everything = list(
        zip(
            pairs.need.tolist(),
            pairs.listing.tolist(),
            pairs.score.tolist(),
            pairs.fail.tolist(),
            pairs.distance_mm.tolist(),
            strict=True,
        )
    )
    for row in range(len(problem.needs)):
        mine = [e for e in everything if e[0] == row]
        assert result.by_need.of(row) == [
            (e[1], e[2], e[4]) for e in sorted((e for e in mine if not e[3]), key=lambda e: (-e[2], e[1]))[:k]
        ]
        near = sorted((e for e in mine if e[3]), key=lambda e: (int(e[3]).bit_count(), -e[2], e[1]))[:k]
        part = slice(*result.near.ptr[row : row + 2])
        assert result.near.listing[part].tolist() == [e[1] for e in near]
        assert result.near.fail[part].tolist() == [e[3] for e in near]
        assert (result.in_reach[row], result.feasible[row]) == (len(mine), sum(not e[3] for e in mine))
        assert result.rejected[row].tolist() == [sum(e[3] >> c & 1 for e in mine) for c in range(len(THING.all_criteria))]
    for listing in range(len(problem.listings)):
        asked = sorted((e for e in everything if e[1] == listing and not e[3]), key=lambda e: (-e[2], e[0]))[:k]
        assert result.by_listing.of(listing) == [(e[0], e[2], e[4]) for e in asked]
    assert result.rejections[0].tolist() == result.rejected.sum(axis=0).tolist()


def test_a_need_without_a_match_sees_further(backend: str) -> None:
    listings, needs = scene(3, 40, 12, spread_m=9000)
    problem = problem_from_rows((THING,), listings, needs)
    result, plain = solve(problem, Params(near_reach=4)), solve(problem, Params(near_reach=1))
    further = 0
    for row in np.flatnonzero(result.feasible == 0):
        part = slice(*result.near.ptr[row : row + 2])
        within = 4 * problem.needs.radius_mm[row]
        assert (result.near.distance_mm[part] <= within).all()
        further += int((result.near.distance_mm[part] > problem.needs.radius_mm[row]).any())
    assert further > 0
    for row in np.flatnonzero(result.feasible):
        assert (
            result.near.listing[slice(*result.near.ptr[row : row + 2])]
            == plain.near.listing[slice(*plain.near.ptr[row : row + 2])]
        ).all()


@pytest.mark.parametrize(("metres", "reach"), [(471.497, 500), (471.5, 500), (1617.5, 501), (489.6, 500), (9_999.5, 4_000)])
def test_the_distance_the_reach_and_the_margin_that_are_told_add_up(metres: float, reach: int) -> None:
    lon, lat, _ = GEOD.fwd(0, 0, 45, metres)
    need = NeedRow(2, "thing", 2, shapely.Point(0, 0), reach)
    problem = problem_from_rows((THING,), [ListingRow(1, "thing", 1, shapely.Point(lon, lat))], [need])
    (told,) = [r.sentence.en for r in explain(problem, 0, 0).reasons if r.criterion.name == "reach"]
    figures = [int(figure.replace(",", "")) for figure in re.findall(r"[\d,]+(?= m)", told)]
    assert sorted(figures) == sorted([figures[0], reach, abs(reach - figures[0])]), told
    assert abs(figures[0] - metres) <= 0.51
