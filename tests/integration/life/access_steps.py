"""What the tests of the life of an access request share: clocks, documents, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.access.answers import RefuseRequest, refuse_request
from app.access.models import AccessRequest
from app.assets import Asset
from app.attachments.models import Attachment
from app.bootstrap import job_handlers
from app.db.jobs import Worker
from app.deadlines import ClockView, clocks_of
from app.kernel.actor import Actor
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.needs import Need
from tests.support import places
from tests.support.life import World


def refused(act: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    return caught.value


def status(world: World, ref: str) -> str:
    return str(world.one(AccessRequest, ref).status)


def clock_of(world: World, ref: str, rule: str) -> ClockView:
    found = [clock for clock in world.ask(world.owner, clocks_of, "access_request", ref) if clock.rule == rule]
    return found[-1]  # type: ignore[no-any-return]


def run_jobs(world: World, clock: FixedClock) -> None:
    worker = Worker(world.bus.database, clock, job_handlers(world.bus))
    while worker.run_one():
        pass


def document(world: World, ref: str, actor: Actor, purpose: str) -> str:
    with world.bus.database.write() as session:
        row = Attachment(
            subject_type="access_request",
            subject_ref=ref,
            organisation_id=actor.organisation_id,
            uploaded_by=actor.user_id,
            purpose=purpose,
            filename=f"{purpose}.pdf",
            media_type="application/pdf",
            size_bytes=10,
            sha256="0" * 64,
            created_at=places.MADE_AT,
        )
        session.add(row)
        session.flush()
        return str(row.ref)


def refuse_for_safety(world: World, ref: str) -> None:
    proof = document(world, ref, world.owner, "evidence")
    world.do(world.owner, refuse_request, RefuseRequest(ref, "safety", "Live line work.", {"safety_assessment": proof}))


def on_power_line(world: World, wanted_m: float) -> None:
    """The tower is a 220 kV tower whose lowest conductor hangs at 27 m, and the need wants that height."""
    with world.bus.database.write() as session:
        asset = session.get_one(Asset, world.asset_id)
        asset.attributes = {"structure": "power_line", "structure_height_m": 45, "voltage_kv": 220, "lowest_conductor_m": 27}
        need = session.scalars(select(Need).where(Need.ref == world.need_ref)).one()
        need.requirements = {**need.requirements, "height_m": wanted_m}
