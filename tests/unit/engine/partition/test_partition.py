"""Parts merge to what one machine answers, to the bit: over the antimeridian, with lines and areas, through files, and in any
number."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import Params, Problem, Result, problem_from_rows, solve
from app.engine.partition import PartError, merge, read_part, read_problem, solve_folder, solve_part, split, write_problem
from tests.unit.engine.live.changing import Market
from tests.unit.engine.oracle import THING
from tests.unit.engine.scenes import scene

PARAMS = Params(top_k=3, listing_top_k=2, near_k=3)


def some_problem(seed: int) -> Problem:
    market = Market(seed, spread_m=20_000)
    market.fill(40, 25)
    return market.problem()


def same(a: Result, b: Result) -> bool:
    counts = all(
        np.array_equal(getattr(a, n), getattr(b, n)) for n in ("in_reach", "feasible", "rejected", "rejections", "needs")
    )
    return counts and a.answer_hash == b.answer_hash and a.input_hash == b.input_hash


@given(st.integers(0, 2**32 - 1), st.integers(1, 7))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_merge_to_the_whole(backend: str, seed: int, count: int) -> None:
    problem = some_problem(seed)
    parts = split(problem, count, PARAMS)
    assert np.array_equal(np.sort(np.concatenate([p.listings.id for p in parts])), problem.listings.id)
    assert same(merge(problem, [solve_part(p, PARAMS) for p in parts], PARAMS), solve(problem, PARAMS))


def test_needs_are_copied_where_they_reach_and_hardly_elsewhere() -> None:
    """Sparse: most needs have one part."""
    market = Market(3, areas=0, spread_m=400_000)
    market.fill(300, 200)
    parts = split(market.problem(), 4, PARAMS)
    assert len(parts) == 4
    assert 200 <= sum(len(p.needs) for p in parts) <= 300


@pytest.mark.parametrize(("listings", "needs"), [(0, 0), (0, 4), (4, 0), (1, 3)])
def test_hardly_anything_to_split(backend: str, listings: int, needs: int) -> None:
    problem = problem_from_rows((THING,), *scene(1, listings, needs))
    parts = split(problem, 5, PARAMS)
    assert same(merge(problem, [solve_part(p, PARAMS) for p in parts], PARAMS), solve(problem, PARAMS))


def test_through_files(backend: str, tmp_path: Path) -> None:
    problem = some_problem(1)
    folders = []
    for number, part in enumerate(split(problem, 3, PARAMS)):
        folder = tmp_path / str(number)
        write_problem(folder, part, PARAMS)
        read, params = read_problem(folder, [THING])
        assert (read.input_hash, params) == (part.input_hash, PARAMS)
        folders.append(solve_folder(str(folder), [THING]))
    written = (tmp_path / "0" / "answer" / "matches.parquet").stat().st_mtime_ns
    solve_folder(folders[0], [THING])
    assert (tmp_path / "0" / "answer" / "matches.parquet").stat().st_mtime_ns == written
    assert same(merge(problem, [read_part(Path(folder)) for folder in folders], PARAMS), solve(problem, PARAMS))
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(("answer.", "problem."))]


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    for number, part in enumerate(split(some_problem(0), 2, PARAMS)):
        write_problem(tmp_path / str(number), part, PARAMS)
    with pytest.raises(PartError, match="no such kind"):
        read_problem(tmp_path / "0", [])
    shutil.copy(tmp_path / "1" / "problem" / "needs.parquet", tmp_path / "0" / "problem" / "needs.parquet")
    with pytest.raises(PartError, match="not the one"):
        read_problem(tmp_path / "0", [THING])
    about = tmp_path / "1" / "problem" / "about.json"
    about.write_text(about.read_text().replace('"engine": "', '"engine": "0.'))
    with pytest.raises(PartError, match="written by engine"):
        read_problem(tmp_path / "1", [THING])
