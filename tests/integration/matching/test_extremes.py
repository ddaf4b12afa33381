"""What the register lets in, the engine takes: one row at the edge of what a form allows must not end everybody's run."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from app.kernel.money import MOST_MINOR
from app.matching.allocating.models import AllocationRun
from app.matching.allocating.run import StartAllocation, run_allocation
from app.matching.cobuilding.models import CobuildGroup
from app.matching.cobuilding.reckon import reckon
from app.matching.run import run_now
from app.needs.models import Need
from tests.support.asking import ALTERNATIVE, HERE, Region, asked, listed, need_body, pointers, published

ROUTE = {
    "kind": "cable",
    "shape": "route",
    "geometry": {"type": "LineString", "coordinates": [HERE, [114.08, 22.55]]},
    "requirements": {"pairs": 1},
}
DEAREST = {"alternative": {**ALTERNATIVE, "cost_minor": MOST_MINOR}, "budget_minor": MOST_MINOR}
EDGES: list[dict[str, Any]] = [
    {"radius_m": 200_000, **DEAREST, "requirements": {"mounts": 1, "height_m": 60}},
    {"radius_m": 200_000, **DEAREST, **ROUTE},
    {"radius_m": 1},
    {"radius_m": 1, **ROUTE},
]


def told(_percent: int, _message: str | None) -> None:
    """Nobody listens."""


def test_rows_at_the_edge_of_what_is_allowed_end_nobodys_run(region: Region) -> None:
    """Needs and a listing with the widest reach and the dearest figures, and one that was stored before a least reach was asked."""
    for client in (region.rival, region.carrier):
        refs = [asked(region, client, accepts_cobuild=True, **edge) for edge in EDGES]
    listed(region, price_minor=MOST_MINOR, height=10)
    listed(region)
    published(region)
    with region.bus.database.write() as session:
        session.execute(update(Need).where(Need.radius_m == 1).values(radius_m=0))
    _, result = run_now(region.bus, None, told)
    assert result.feasible.sum() == 2  # the needs for a low tower have the listing on their spot
    reckon(region.bus, None, told)
    ref = run_allocation(region.bus, StartAllocation(), told)
    with region.bus.database.read() as session:
        run = session.scalar(select(AllocationRun).where(AllocationRun.ref == ref))
        groups = session.scalars(select(CobuildGroup.form).order_by(CobuildGroup.form)).all()
    assert run is not None
    assert (run.status, run.needs) == ("done", 8)
    assert groups == ["site", "trench"]
    pages = [region.carrier.get(f"/needs/{ref}").text for ref in refs]
    assert ["one tower for all saves you" in page for page in pages] == [True, False, False, False]
    assert ["one trench for all saves you" in page for page in pages] == [False, True, False, True]


@pytest.mark.parametrize("radius_m", [0, 0.0004, 200_001])
@pytest.mark.parametrize("more", [{}, ROUTE], ids=["circle", "route"])
def test_a_circle_and_a_route_have_a_reach(region: Region, more: dict[str, Any], radius_m: float) -> None:
    answer = region.carrier.post("/api/v1/needs", json=need_body(region.list_ref, **{**more, "radius_m": radius_m}))
    assert (answer.status_code, pointers(answer)) == (422, {"/radius_m"})
