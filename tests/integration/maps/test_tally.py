"""Tiles of many are answered from counts that were made beforehand: the same as counted at once, and made again after a change."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.db.jobs import Job
from app.db.work import Bus
from app.maps import tally
from app.maps.jobs import TALLY, count_for_tiles
from tests.integration.maps.test_tiles import marks
from tests.support.asking import HERE, Region, build, listed


@pytest.fixture
def region(app: Flask, bus: Bus) -> Region:
    return build(app, bus)


def spread(region: Region, count: int) -> list[str]:
    return [
        listed(region, at=[HERE[0] + step / 40, HERE[1] + step / 60], tier=("T2", "T1", "T0")[step % 3], title=f"Tower {step}")
        for step in range(count)
    ]


def test_what_was_counted_beforehand_is_what_is_counted_at_once(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.maps.listings.SINGLE", 0)
    spread(region, 9)
    queries = ("", "kind=tower", "kind=room", "sector=power", "sector=telecom")
    at_once = {(z, query): marks(region.carrier, z=z, query=query) for z in (0, 4, 5, 6, 8, 9, 11) for query in queries}
    monkeypatch.setattr("app.maps.tally.MANY", 0)
    assert {key: marks(region.carrier, z=key[0], query=key[1]) for key in at_once} == at_once  # nothing was counted yet
    assert count_for_tiles(region.bus) > 0
    assert {key: marks(region.carrier, z=key[0], query=key[1]) for key in at_once} == at_once
    assert count_for_tiles(region.bus) == 0


def test_a_change_wakes_the_count_and_the_count_follows(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.maps.listings.SINGLE", 0)
    refs = spread(region, 3)
    with region.bus.database.read() as session:
        assert session.scalar(select(Job.id).where(Job.task == TALLY)) is None  # so few are counted at once
    monkeypatch.setattr("app.maps.tally.MANY", 0)
    count_for_tiles(region.bus)
    version = region.grid.get(f"/api/v1/listings/{refs[0]}").headers["ETag"]
    region.grid.post(f"/api/v1/listings/{refs[0]}/suspend", headers={"If-Match": version})
    with region.bus.database.read() as session:
        assert session.scalars(select(Job.state).where(Job.task == TALLY)).all() == ["queued"]
    assert count_for_tiles(region.bus) > 0
    assert sum(mark.properties["count"] for mark in marks(region.carrier, z=4)) == 2


@pytest.mark.parametrize(("zoom", "level"), [(0, 9), (5, 9), (6, 12), (8, 12), (9, 15), (11, 15)])
def test_cells_are_no_larger_than_those_a_tile_counts_in(zoom: int, level: int) -> None:
    assert tally.level_for(zoom) == level


def test_what_is_hidden_does_not_turn_marks_into_counts_by_what_is_asked_of_it(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever asks by price or height learns, tile by tile, of what they may only count."""
    monkeypatch.setattr("app.maps.listings.SINGLE", 2)
    listed(region)
    for _ in range(4):
        listed(region, tier="T0", height=50)
    for query in ("height_m_min=10", "price_minor_max=99000000", "q=platforms"):
        [mark] = marks(region.carrier, query=query)
        assert "ref" in mark.properties
