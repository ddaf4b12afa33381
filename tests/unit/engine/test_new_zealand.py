"""Real input: 38,128 transmission structures against 19,278 wanted cells."""

from __future__ import annotations

import numpy as np
import pytest

from app.engine import Params, Problem, Result, apply_change, explain, problem_from_rows, smallest_change, solve
from app.engine.problem import MAX_RADIUS_MM
from bench import nz
from tests.unit.engine.oracle import Verdict, verdicts
from tests.unit.engine.test_change import spent_on_fewer, without

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(
        not (nz.STRUCTURES.exists() and nz.CELLS.exists()),
        reason="../shared/data with transpower_nz and nz_cells_opencellid is not here",
    ),
]


@pytest.fixture(scope="module")
def rows() -> tuple[list[nz.ListingRow], list[nz.NeedRow]]:
    return nz.listings(), nz.needs()


@pytest.fixture(scope="module")
def problem(rows: tuple[list[nz.ListingRow], list[nz.NeedRow]]) -> Problem:
    return problem_from_rows((nz.TOWER,), *rows)


@pytest.fixture(scope="module")
def result(problem: Problem) -> Result:
    with pytest.MonkeyPatch.context() as env:
        env.setenv("ENGINE_BACKEND", "numba")
        return solve(problem, Params(keep_pairs=True))


def test_the_pair_set_is_karneys(rows: tuple[list[nz.ListingRow], list[nz.NeedRow]], problem: Problem, result: Result) -> None:
    need, listing, metres = nz.brute_force(*rows)
    inside = metres <= problem.needs.radius_mm[need] / 1000
    tie = np.abs(metres - problem.needs.radius_mm[need] / 1000) <= 0.02
    wide, pairs = len(problem.listings), result.pairs
    assert pairs is not None
    found = pairs.need * wide + pairs.listing
    sure, possible = (need * wide + listing)[inside & ~tie], (need * wide + listing)[inside | tie]
    assert len(found) > 50_000
    assert np.isin(sure, found).all()
    assert np.isin(found, possible).all()
    order = np.argsort(need * wide + listing)
    at = order[np.searchsorted((need * wide + listing)[order], found)]
    assert np.abs(pairs.distance_mm / 1000 - metres[at]).max() <= 0.02


def test_numpy_gives_the_same(problem: Problem, result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_BACKEND", "numpy")
    assert solve(problem, Params()).answer_hash == result.answer_hash


@pytest.mark.slow
def test_reasons_and_smallest_changes_of_500_pairs(
    rows: tuple[list[nz.ListingRow], list[nz.NeedRow]], problem: Problem, result: Result
) -> None:
    """Half of them in reach, half anywhere in the country."""
    rng, pairs = np.random.default_rng(0), result.pairs
    assert pairs is not None
    some = rng.choice(len(pairs.need), 250, replace=False)
    chosen = list(zip(pairs.need[some].tolist(), pairs.listing[some].tolist(), strict=True))
    chosen += [
        (int(q), int((i + rng.integers(-300, 300)) % len(problem.listings)))
        for q, i in zip(pairs.need[some].tolist(), pairs.listing[some].tolist(), strict=True)
    ]
    changed = 0
    for need, listing in chosen:
        found = explain(problem, need, listing)
        cell, tower = rows[1][need], rows[0][listing]
        expected = verdicts(nz.TOWER, tower, cell, found.distance_mm)
        assert [(r.passed, not r.stated, r.margin, r.points) for r in found.reasons] == [
            (v.passed, v.unstated, v.margin, v.points) for v in expected.values()
        ]
        change = smallest_change(problem, need, listing)
        spent = spent_on_fewer(nz.TOWER, cell, tower, found.distance_mm)
        mended = {**expected, "price": verdicts(nz.TOWER, tower, spent, found.distance_mm)["price"]}
        bound = None if found.distance_mm > MAX_RADIUS_MM else plain_effort(spent, mended)
        assert (change is None) <= (bound is None)
        if change is None:
            continue
        changed += bool(change.parts)
        assert bound is None or change.effort_ppm <= bound
        if not any(p.criterion == "window" for p in change.parts):
            assert change.effort_ppm == bound
        assert explain(apply_change(problem, need, change), need, listing).matches
        for part in change.parts:
            assert not explain(without(problem, need, change, part.criterion, part.requirement), need, listing).matches
    assert changed > 200


def plain_effort(cell: nz.NeedRow, expected: dict[str, Verdict]) -> int | None:
    """What it costs to mend every failure where the need stands, without moving its dates; None when that is impossible."""
    total = 0
    for criterion in nz.TOWER.all_criteria:
        v = expected[criterion.name]
        if v.passed:
            continue
        if v.unstated or criterion.name in ("window", "not_own"):
            return None
        assert v.margin is not None
        if criterion.name == "reach":
            base = int(cell.radius_m * 1000)
        elif criterion.name == "price":
            base = cell.budget_minor
        else:
            asked = round(float(cell.values[str(criterion.demand)]) * 1000)  # type: ignore[arg-type]
            base = max(asked, 1000)
            if asked + v.margin < (1000 if criterion.name == "mounts" else 0):
                return None
        total += -(v.margin * 1_000_000 // base)
    return total
