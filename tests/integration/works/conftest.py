"""The metro, two carriers and the regulators of a small market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import select

from app.db.work import Bus
from app.kernel.actor import Actor, Role
from app.ledger import ClaimView, held_by
from app.works import AnnounceWorks, DraftWorks, ElementIn, announce_works, draft_works
from app.works.models import WorksElement, WorksJoin, WorksProject
from app.works.queries import WorksView, works_detail
from tests.support import life, places

LINE = shapely.LineString([(114.05, 22.53), (114.06, 22.54), (114.08, 22.55)])
DUCT = ElementIn("duct", "West gallery", 1000, 4200, "L-1", 110, {"hole": 12}, {"hole": 6})
ROOM = ElementIn("room", "Station room", 2000, 2000, "L-2", None, {"rack_unit": 84, "power_kw": 40}, {"power_kw": 15})


@dataclass
class Site:
    world: life.World
    metro: Actor
    carrier: Actor
    rival: Actor

    @property
    def bus(self) -> Bus:
        return self.world.bus

    def do(self, actor: Actor, use_case: Any, command: Any) -> Any:
        return self.bus.execute(use_case, actor, command)

    def draft(self, permit_in: int = 70, kind: str = "subway", elements: tuple[ElementIn, ...] = (DUCT, ROOM)) -> str:
        permit = self.bus.today() + timedelta(days=permit_in)
        command = DraftWorks(
            kind, "Line 14", LINE, 1000, 4200, permit, permit + timedelta(days=30), date(2030, 6, 30), elements=elements
        )
        return str(self.do(self.metro, draft_works, command))

    def announced(self, **more: Any) -> str:
        ref = self.draft(**more)
        self.do(self.metro, announce_works, AnnounceWorks(ref))
        return ref

    def view(self, actor: Actor, ref: str) -> WorksView:
        return self.bus.ask(works_detail, actor, ref)

    def claims(self, ref: str) -> list[ClaimView]:
        with self.world.read() as session:
            return held_by(session, "works", ref)

    def project(self, ref: str) -> WorksProject:
        found: WorksProject = self.world.one(WorksProject, ref)
        return found

    def rows(self, model: type[WorksElement] | type[WorksJoin]) -> list[Any]:
        with self.world.read() as session:
            return list(session.scalars(select(model).order_by(model.id)))

    def later(self, clock: Any, days: int) -> None:
        clock.instant += timedelta(days=days)


@pytest.fixture
def site(bus: Bus) -> Site:
    world = life.build(bus)
    with bus.database.write() as session:
        metro = places.organisation(session, "Pengcheng Metro", "transport", name_zh="鹏城地铁")
        sponsor = life.person(session, metro, Role.MANAGER)
    return Site(world, sponsor, world.requester, world.stranger)
