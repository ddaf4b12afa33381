"""What the proof of faults tells with: the application on a database of its own, its parties, one call or job at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.bootstrap import make_bus
from app.config import Settings
from app.db.work import Bus
from app.deadlines import Deadline
from app.deadlines.service import check_deadline
from app.kernel.actor import SYSTEM
from app.kernel.clock import FixedClock
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import programs as by
from tests.support.now import NOW
from tests.support.programs import API, Program, Programs

A, MIDDLE, NORTH, B = (114.0500, 22.5400), (114.0700, 22.5400), (114.0700, 22.5450), (114.0900, 22.5400)
CABLE = {"cable_type": "duct", "fibre_type": "g652", "attenuation_db_km": 0.2, "splices": 0}


@dataclass
class Market:
    """The application on a database that nobody else uses; the parties; what the story has made so far. The application's clock
    begins in July 2026, whatever the time of the database."""

    app: Flask
    bus: Bus
    programs: Programs
    made: dict[str, str] = field(default_factory=dict)

    def later(self, days: int) -> None:
        self.bus.clock = FixedClock(self.bus.clock.now() + timedelta(days=days))

    @property
    def today(self) -> date:
        return self.bus.today()


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `version`: the one seen, for If-Match."""

    client: FlaskClient
    path: str
    body: Any
    version: int | None = None
    method: str = "POST"
    proof: str | None = None

    def send(self, key: str | None) -> dict[str, Any]:
        headers = {} if self.version is None else {"If-Match": f'"{self.version}"'}
        headers |= {} if self.proof is None else {"Reauthentication": self.proof}
        headers |= {} if key is None else {"Idempotency-Key": key}
        answer = self.client.open(API + self.path, method=self.method, json=self.body, headers=headers)
        return {
            "status": answer.status_code,
            "body": answer.get_json(silent=True),
            "replayed": answer.headers.get("Idempotency-Replayed") == "true",
        }


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does by itself."""

    bus: Bus
    use_case: Callable[..., Any]
    command: Any
    version: int | None = None
    method: str = "JOB"

    def send(self, key: str | None) -> dict[str, Any]:
        self.bus.execute(self.use_case, SYSTEM, self.command)
        return {"status": 200, "body": None}


@dataclass(frozen=True, slots=True)
class Step:
    """`call(market)`: what to send now; it may prepare what it needs. `use_case`: what runs then, `records`: how many records it
    leaves. `keep`: the name under which the id that it answers is kept."""

    name: str
    use_case: str
    call: Callable[[Market], Call | Job]
    keep: str | None = None
    records: int = 1


def open_market(url: str, var: Path) -> Market:
    settings = Settings(database_url=url, secret_key="prove" * 8, var=var, testing=True)
    app = create_app(settings)
    app.extensions["infrashare_bus"].database.dispose()
    bus = app.extensions["infrashare_bus"] = make_bus(settings, FixedClock(NOW))
    programs = by.shenzhen(app, bus)
    market = Market(app, bus, programs)
    listing = programs.owner.send("/listings", {**LISTING, "window_start": "2026-01-01"}, status=201)
    market.made |= {"listing": listing["id"], "asset": listing["asset"]["id"]}
    for who, name, price_minor, path in (
        (programs.owner, "West", 1_000_000, (A, MIDDLE)),
        (programs.rival, "East", 1_000_000, (MIDDLE, B)),
        (programs.owner, "Detour", 9_000_000, (MIDDLE, NORTH, B)),
    ):
        _lay(who, name, price_minor, path)
    round_ = by.open_round(programs)
    for who, name, mounts in ((programs.requester, "need", 2), (programs.rival, "rival", 1)):
        wanted = {"mounts": mounts, "height_m": 30, "load_kg": 60 * mounts}
        market.made[name] = _asks(who, round_, requirements=wanted, window_start="2026-07-01")
    line = {"type": "LineString", "coordinates": [A, B]}
    backhaul = {"kind": "cable", "shape": "route", "geometry": line, "radius_m": 100, "requirements": {"pairs": 2}}
    market.made["backhaul"] = _asks(programs.requester, round_, **backhaul)
    by.publish_round(programs, round_)
    by.match(programs)
    everybody = (programs.owner, programs.requester, programs.rival, programs.administration, programs.regulator)
    for one in (*everybody, *filter(None, (program.colleague for program in everybody))):
        one.get("/listings")  # the first use of a token is noted; what follows writes in one transaction each
    return market


def _asks(who: Program, round_: str, **more: Any) -> str:
    return str(who.send("/needs", {**NEED, "needs_list": round_.rpartition("/")[2], **more}, status=201)["id"])


def _lay(who: Program, name: str, price_minor: int, path: tuple[tuple[float, float], ...]) -> None:
    """A cable of 24 cores along a path."""
    asset = {
        "kind": "cable",
        "name": name,
        "geometry": {"type": "LineString", "coordinates": path},
        "attributes": CABLE,
        "capacity": {"core": 24},
    }
    body = {"title": name, "window_start": "2026-07-01", "price_minor": price_minor, "publish": True, "asset": asset}
    who.send("/listings", body, status=201)


def running_clock(market: Market, rule: str, ref: str) -> str:
    """The ref of the clock of a rule that runs on something."""
    with market.bus.database.read() as session:
        found = select(Deadline.ref).where(Deadline.rule == rule, Deadline.subject_ref == ref, Deadline.status == "running")
        return str(session.scalars(found).one())


def passing(rule: str, thing: str, days: int) -> Callable[[Market], Job]:
    """A worker finds, days later, that a clock is over."""

    def call(m: Market) -> Job:
        m.later(days)
        return Job(m.bus, check_deadline, running_clock(m, rule, m.made[thing]))

    return call
