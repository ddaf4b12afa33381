"""The live index against a full recompute, after every kind of change, on both engine rooms."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import ListingRow, NeedRow, Params, ProblemError
from app.engine.live import LiveIndex
from app.engine.live.columns import spare
from tests.unit.engine.live.changing import Market, full_answers, kept

PARAMS = Params(top_k=4, listing_top_k=3, near_k=3)


def started(market: Market, params: Params = PARAMS) -> LiveIndex:
    return LiveIndex(market.problem(), params)


def whole(live: LiveIndex, market: Market) -> tuple[dict[int, object], dict[int, object]]:
    needs, listings = sorted(market.needs), sorted(market.listings)
    return dict(zip(needs, live.match_needs(needs), strict=True)), dict(zip(listings, live.match_listings(listings), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    "params", [PARAMS, replace(PARAMS, near_k=0), replace(PARAMS, near_k=0, top_k=1)], ids=["near", "ranks", "best"]
)
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_step_equals_a_full_recompute(backend: str, params: Params, seed: int) -> None:
    """All answers after each change, those from standings too; and what stands, brought up to date by `Affected` alone, near
    misses apart."""
    market = Market(seed)
    market.fill(15, 8)
    live = started(market, params)
    standing = full_answers(market.problem(), params)
    for _ in range(12):
        name, told = market.step()
        affected = live.change(**told)
        expected = full_answers(market.problem(), params)
        assert whole(live, market) == expected, name
        kept(standing, live, affected, market)
        for side in (0, 1):
            assert {k: v._replace(near=()) if side == 0 else v for k, v in standing[side].items()} == {
                k: v._replace(near=()) if side == 0 else v for k, v in expected[side].items()
            }, name
    assert live.problem().input_hash == market.problem().input_hash
    live.compact()
    assert whole(live, market) == full_answers(market.problem(), params)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_twenty_thousand_operations_end_where_a_full_recompute_does(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """With little room, so that the index is built anew many times on the way."""
    monkeypatch.setenv("ENGINE_BACKEND", "numba")
    monkeypatch.setattr("app.engine.live.offers.spare", lambda n: 300)
    monkeypatch.setattr("app.engine.live.asks.spare", lambda n: 300)
    params = replace(PARAMS, near_k=0)
    market = Market(seed, areas=0.005, spread_m=30_000)
    market.fill(150, 60)
    live = started(market, params)
    standing = full_answers(market.problem(), params)
    done: dict[str, int] = {}
    for number in range(10_000):
        name, told = market.step()
        done[name] = done.get(name, 0) + 1
        kept(standing, live, live.change(**told), market)
        if number % 2_500 == 0:
            assert whole(live, market) == full_answers(market.problem(), params), number
    assert min(done.values()) > 500
    expected = full_answers(market.problem(), params)
    assert whole(live, market) == expected == standing
    assert live.problem().input_hash == market.problem().input_hash


def test_a_bad_row_is_refused_and_nothing_is_taken(backend: str) -> None:
    market = Market(3)
    market.fill(5, 3)
    live, before = started(market), full_answers(market.problem(), PARAMS)
    good, bad = market.new_listing(), replace(market.new_listing(), place=shapely.Point(0, 91))
    with pytest.raises(ProblemError):
        live.change(listings=[good, bad])
    with pytest.raises(ProblemError):
        live.change(listings=[good, good])
    with pytest.raises(ValueError, match="changed and gone"):
        live.change(listings=[good], gone_listings=[good.id])
    with pytest.raises(KeyError):
        live.match_needs([good.id])
    assert whole(live, market) == before


def test_from_nothing(backend: str) -> None:
    """An empty market that fills up, past its room."""
    market = Market(6)
    live = started(market)
    assert live.match_needs([]) == []
    spot = shapely.Point(1, 1)
    listings = [ListingRow(i, "thing", 1, spot) for i in range(1, spare(0) + 50)]
    need = NeedRow(5, "thing", 2, spot, 50)
    affected = live.change(listings=listings, needs=[need])
    assert affected.needs == {5}
    assert len(affected.listings) == len(listings)
    [answer] = live.match_needs([5])
    assert (answer.in_reach, answer.feasible) == (len(listings), len(listings))
    assert [m.other for m in answer.matches] == [1, 2, 3, 4]
    assert live.change(gone_listings=range(1, 2000)).needs == {5}
    [answer] = live.match_needs([5])
    assert (answer.in_reach, answer.matches) == (0, ())
