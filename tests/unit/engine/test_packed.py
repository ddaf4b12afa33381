"""The packed rows and the index: the compiled way and its plain twin, and an order by one integer, against the plain order."""

from __future__ import annotations

import platform

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import keep_memory, problem_from_rows
from app.engine.csr import grouped
from app.engine.index import BANDS, build_index
from app.engine.packed import pack
from app.engine.parts import Parts, cut
from tests.unit.engine.oracle import THING
from tests.unit.engine.scenes import scene

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.integers(0, 2**32 - 1))
@FEW
def test_rows_are_packed_alike(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    problem = problem_from_rows((THING,), *scene(seed, 30, 1))
    parts = cut(problem.listings.place)
    index = build_index(parts, problem.listings.kind.astype(np.int64), 1)
    made = []
    for backend in ("numba", "numpy"):
        monkeypatch.setenv("ENGINE_BACKEND", backend)
        made.append(pack(problem.listings, problem.tables, index))
    for one, other in zip(*made, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@given(st.integers(0, 2**32 - 1), st.sampled_from((1.0, 1e-9, 1e-13)))
@FEW
def test_each_band_is_in_the_order_of_longitude(seed: int, spread: float) -> None:
    """Down to places nearer to one another than the integer can tell."""
    rng = np.random.default_rng(seed)
    n = 200
    lon, lat, kind = rng.uniform(-180, 180) + rng.random(n) * spread, rng.uniform(-90, 90, n).round(1), rng.integers(0, 3, n)
    lon = (lon + 180) % 360 - 180
    ends = np.zeros((n, 3), np.int64)
    ends[:, 0] = np.arange(n)
    parts = Parts(np.arange(n + 1), np.arange(n), ends, ends, lon, lat, np.zeros(n))
    index = build_index(parts, kind, 3)
    assert sorted(index.listing.tolist()) == list(range(n))
    band = np.repeat(np.arange(3 * BANDS), np.diff(index.ptr))
    assert np.array_equal(band, kind[index.listing] * BANDS + np.floor((lat[index.listing] + 90) / 0.008).astype(np.int64))
    assert np.array_equal(index.lon, lon[index.listing])
    assert np.array_equal(index.a[:, 0], index.listing)
    assert (np.diff(index.lon)[np.diff(band) == 0] >= 0).all()


@pytest.mark.parametrize("rows", [1, 7])
def test_entries_are_grouped_in_their_order(backend: str, rows: int) -> None:
    row = np.random.default_rng(rows).integers(0, rows, 50)
    ptr, entries = grouped(row, rows)
    assert [entries[ptr[r] : ptr[r + 1]].tolist() for r in range(rows)] == [
        np.flatnonzero(row == r).tolist() for r in range(rows)
    ]


def test_memory_is_kept_where_the_c_library_knows_how() -> None:
    assert keep_memory() is (platform.libc_ver()[0] == "glibc")
