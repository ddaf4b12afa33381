"""Comparing runs: what is folded from kept changes is the difference between what the two runs had stored; both engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update

from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.db.work import Bus
from app.kernel.clock import FixedClock
from app.listings.models import Listing
from app.matching import deltas
from app.matching.deltas import MatchDelta
from app.matching.models import Match, MatchRun
from app.matching.run import run_now
from app.needs.models import Need
from tests.integration.matching.test_live import changed_listing, market_of, quiet
from tests.support.asking import Region, asked, listed, published

State = dict[tuple[str, str], tuple[int, int | None, int | None]]


def state(bus: Bus) -> State:
    """Every stored match: score and ranks."""
    with bus.database.read() as session:
        rows = session.execute(
            select(Need.ref, Listing.ref, Match.score, Match.need_rank, Match.listing_rank)
            .select_from(Match)
            .join(Need, Need.id == Match.need_id)
            .join(Listing, Listing.id == Match.listing_id)
        ).all()
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def runs_in_order(bus: Bus) -> list[str]:
    with bus.database.read() as session:
        return list(session.scalars(select(MatchRun.ref).where(MatchRun.step.is_not(None)).order_by(MatchRun.step)))


def compared(region: Region, a: str, b: str, query: str = "?limit=1000", status: int = 200) -> dict[str, Any]:
    answer = region.administration.get(f"/api/v1/match-runs/{a}/compare/{b}{query}")
    assert answer.status_code == status, answer.json
    return dict(answer.json)


def told(found: dict[str, Any]) -> dict[tuple[str, str], tuple[str, Any, Any]]:
    def side(one: dict[str, Any] | None) -> Any:
        return one and (round(one["score"] * 1000), one["need_rank"], one["listing_rank"])

    return {
        (d["need"]["id"], d["listing"]["id"]): (d["change"], side(d["before"]), side(d["after"])) for d in found["differences"]
    }


def difference(before: State, after: State) -> dict[tuple[str, str], tuple[str, Any, Any]]:
    """The oracle: two whole states, pair by pair."""
    found = {}
    for pair in {*before, *after}:
        old, new = before.get(pair), after.get(pair)
        if old == new:
            continue
        if old is None or new is None:
            change = "appeared" if old is None else "vanished"
        else:
            change = "rank" if old[1:] != new[1:] else "score"
        found[pair] = (change, old, new)
    return found


def test_any_two_runs_differ_by_what_was_stored(region: Region, clock: FixedClock) -> None:
    """Full runs of all and of one kind, and re-matching of changes, in a random order of events."""
    rng, listings = np.random.default_rng(3), market_of(region)
    worker = Worker(region.bus.database, clock, job_handlers(region.bus))
    while worker.run_one():
        pass
    states = {}
    if known := runs_in_order(region.bus):
        states[known[-1]] = state(region.bus)
    for number in range(14):
        for listing in rng.choice(listings, 2, replace=False).tolist():
            changed_listing(
                region,
                listing,
                price_minor=int(rng.integers(400_000, 3_000_000)),
                status=str(rng.choice(["published", "published", "suspended"])),
            )
        run_now(region.bus, "tower" if number % 3 else None, quiet)
        states[runs_in_order(region.bus)[-1]] = state(region.bus)
    names = list(states)
    assert len(names) >= 14
    seen = set()
    for a in range(0, len(names), 3):
        for b in range(a + 1, len(names), 2):
            found = compared(region, names[b], names[a])  # in either order: from the earlier to the later
            assert (found["before"]["id"], found["after"]["id"]) == (names[a], names[b])
            expected = difference(states[names[a]], states[names[b]])
            assert told(found) == expected
            seen |= {change for change, _, _ in expected.values()}
            assert {k: v for k, v in found["counts"].items() if v} == {
                k: n for k in found["counts"] if (n := sum(c == k for c, _, _ in expected.values()))
            }
    assert {"appeared", "vanished", "rank"} <= seen


def test_a_rematch_keeps_its_changes_too(region: Region, clock: FixedClock) -> None:
    need, first = asked(region), listed(region)
    published(region)
    worker = Worker(region.bus.database, clock, job_handlers(region.bus))
    while worker.run_one():
        pass
    run_now(region.bus, None, quiet)
    start = runs_in_order(region.bus)[-1]
    second = listed(region, price_minor=900_000)
    while worker.run_one():
        pass
    found = told(compared(region, start, runs_in_order(region.bus)[-1]))
    assert found[need, second][0] == "appeared"
    assert found[need, first][0] == "rank"
    only = compared(region, start, runs_in_order(region.bus)[-1], "?change=appeared")
    assert [d["change"] for d in only["differences"]] == ["appeared"]


def test_who_may_compare_and_what_cannot_be(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    market_of(region)
    a, _ = run_now(region.bus, None, quiet)
    b, _ = run_now(region.bus, None, quiet)
    assert compared(region, a, b)["differences"] == []
    assert region.carrier.get(f"/api/v1/match-runs/{a}/compare/{b}").status_code == 403
    assert compared(region, a, "0000000000000", status=404)["code"] == "not_found"
    with region.bus.database.write() as session:
        session.execute(update(MatchRun).where(MatchRun.ref == b).values(step=None))
    assert compared(region, a, b, status=409)["code"] == "run_not_stored"


def test_old_changes_are_forgotten_and_that_is_said(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "KEPT", 3)
    monkeypatch.setattr("app.matching.comparing.KEPT", 3)
    listings = market_of(region)
    refs = []
    for number in range(6):
        changed_listing(region, listings[0], price_minor=1_000_000 + number * 200_000)
        refs.append(run_now(region.bus, None, quiet)[0])
    with region.bus.database.read() as session:
        newest = session.scalar(select(func.max(MatchRun.step)))
        assert session.scalar(select(func.min(MatchDelta.step))) == newest - 2
    assert compared(region, refs[0], refs[-1], status=409)["code"] == "run_changes_forgotten"
    assert compared(region, refs[2], refs[-1])["counts"]["score"] >= 0


def test_the_pages_show_runs_and_their_difference(region: Region) -> None:
    listings = market_of(region)
    a, _ = run_now(region.bus, None, quiet)
    changed_listing(region, listings[0], status="suspended")
    b, _ = run_now(region.bus, None, quiet)
    page = region.administration.get(f"/match-runs/{b}").text
    assert f"/match-runs/{b}/compare" in page
    assert "Timings" in page
    page = region.administration.get(f"/match-runs/{b}/compare?with={a}").text
    assert "vanished" in page
    assert region.administration.get(f"/match-runs/{b}/compare?with={a}&change=vanished").status_code == 200
    assert region.administration.get("/match-runs").status_code == 200
