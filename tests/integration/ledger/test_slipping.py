"""A planned asset that comes later: nothing is held before it is there, and a slip names every claim that it affects."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.assets.service import EditAsset, edit_asset
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.errors import DomainError
from app.kernel.event import Event
from app.kernel.timewindow import Window
from app.ledger import Holder, bulk_totals, convert, hold
from app.ledger.own import set_reserve
from app.ledger.schemas import capacity_json
from app.ledger.views import capacity_of
from tests.support import market, places

READY = date(2027, 3, 1)
ATTRIBUTES = {"structure": "monopole", "structure_height_m": 30}


def spring(work: UnitOfWork, asset_id: int, start: date, holder: Holder) -> None:
    hold(work, asset_id, "tower", {"load_kg": 50_000}, Window(start, date(2030, 1, 1)), holder, work.now + timedelta(days=9))


def test_a_slipped_date_lists_every_claim_it_affects(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    with bus.database.write() as session:
        grid, bay, metro = (places.organisation(session, name, "power") for name in ("Grid", "Bay", "Metro"))
        tower = places.asset(session, grid, status="planned", available_from=READY, attributes=ATTRIBUTES)
        bulk_totals(session, [(tower.id, "tower", {"load_kg": 500})])
    early, late = Holder("access_request", "bay", bay.id), Holder("access_request", "metro", metro.id)

    def before(work: UnitOfWork, _: None) -> None:
        spring(work, tower.id, READY, early)
        convert(work, early, "pending", Holder("agreement", "bay"))
        spring(work, tower.id, date(2027, 6, 1), late)
        set_reserve(work, tower.id, {"load_kg": 10_000}, Window(READY, date(2028, 1, 1)))

    bus.execute(before, SYSTEM, None)
    told: list[Event] = []
    monkeypatch.setattr(bus, "subscribers", [*bus.subscribers, lambda work, event: told.append(event)])
    owner = market.acting(grid)
    bus.execute(edit_asset, owner, EditAsset(tower.ref, 1, {"available_from": date(2027, 5, 1)}))
    slips = [event for event in told if event.action == "capacity.start_slipped"]
    assert [(e.subject_type, e.subject_ref, e.organisation_ids) for e in slips] == [("agreement", "bay", (grid.id, bay.id))]
    assert (slips[0].before["available_from"], slips[0].after["available_from"]) == ("2027-03-01", "2027-05-01")
    view = bus.ask(capacity_of, owner, tower.ref)
    assert sorted(claim.kind for claim in view.too_early) == ["pending", "reserve"]
    shown = capacity_json(view)
    assert shown["available_from"] == "2027-05-01"
    assert sorted(shown["begin_too_early"]) == sorted(claim.ref for claim in view.too_early)
    told.clear()
    bus.execute(edit_asset, owner, EditAsset(tower.ref, 2, {"available_from": date(2027, 4, 1)}))
    assert not [event for event in told if event.action == "capacity.start_slipped"], "it comes sooner"


def test_nothing_is_held_before_the_asset_is_there(bus: Bus) -> None:
    with bus.database.write() as session:
        tower = places.asset(session, places.organisation(session, "Grid", "power"), status="planned", available_from=READY)
        bulk_totals(session, [(tower.id, "tower", {"load_kg": 500})])
    with pytest.raises(DomainError, match="not available before 1 Mar 2027"):
        bus.execute(
            lambda work, _: spring(work, tower.id, READY - timedelta(days=1), Holder("access_request", "r1")), SYSTEM, None
        )
