"""The life of an agreement as calls of the API, every one that moves capacity, money or approvals, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.bootstrap import make_bus
from app.config import Settings
from app.db.work import Bus
from app.kernel.clock import FixedClock
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import programs as by
from tests.support.now import NOW
from tests.support.programs import API, Programs


@dataclass
class Market:
    """The application on a database that nobody else uses; the parties; what the story has made so far. The application's clock
    stands in July 2026, whatever the time of the database."""

    app: Flask
    bus: Bus
    programs: Programs
    made: dict[str, str] = field(default_factory=dict)


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
class Step:
    """`call(market)`: what to send now. `keep`: the name under which the id that it answers is kept."""

    name: str
    call: Callable[[Market], Call]
    keep: str | None = None


def open_market(url: str, var: Path) -> Market:
    settings = Settings(database_url=url, secret_key="prove" * 8, var=var, testing=True)
    app = create_app(settings)
    app.extensions["infrashare_bus"].database.dispose()
    bus = app.extensions["infrashare_bus"] = make_bus(settings, FixedClock(NOW))
    programs = by.shenzhen(app, bus)
    market = Market(app, bus, programs)
    listing = programs.owner.send("/listings", LISTING, status=201)
    market.made |= {"listing": listing["id"], "asset": listing["asset"]["id"]}
    round_ = by.open_round(programs)
    for who, name, mounts in ((programs.requester, "need", 2), (programs.rival, "rival", 1)):
        wanted = {**NEED, "needs_list": round_.rpartition("/")[2], "requirements": {**NEED["requirements"], "mounts": mounts}}
        market.made[name] = who.send("/needs", wanted, status=201)["id"]
    by.publish_round(programs, round_)
    by.match(programs)
    everybody = (programs.owner, programs.requester, programs.rival, programs.administration, programs.regulator)
    for one in (*everybody, *filter(None, (program.colleague for program in everybody))):
        one.get("/listings")  # the first use of a token is noted; what follows writes in one transaction each
    return market


def _request(need: str, who: str) -> Callable[[Market], Call]:
    def call(m: Market) -> Call:
        body = {"need": m.made[need], "listing": m.made["listing"], "submit": True}
        return Call(getattr(m.programs, who).client, "/access-requests", body)

    return call


def _move(who: str, thing: str, action: str, body: Any = None) -> Callable[[Market], Call]:
    """An action on what was made, in its present version."""

    def call(m: Market) -> Call:
        program = getattr(m.programs, who)
        path = ("/agreements/" if thing.endswith("agreement") else "/access-requests/") + m.made[thing]
        return Call(program.client, f"{path}/{action}", body or {}, program.version(path))

    return call


def _sign(who: str) -> Callable[[Market], Call]:
    def call(m: Market) -> Call:
        program, path = getattr(m.programs, who), f"/agreements/{m.made['agreement']}"
        seen = program.get(path)
        return Call(program.client, f"{path}/sign", {"content_hash": seen["content_hash"]}, seen["version"])

    return call


def _amend(m: Market) -> Call:
    """The owner names one position and 80 kg instead."""
    path = f"/agreements/{m.made['agreement']}"
    line = {
        "asset": m.made["asset"],
        "supplier": m.programs.owner.organisation,
        "beneficiary": m.programs.requester.organisation,
        "amounts": {"platform": 1, "load_kg": 80},
        "starts": NEED["window_start"],
        "ends": NEED["window_end"],
        "price_minor": 950_000,
        "listing": m.made["listing"],
    }
    body = {"lines": [line], "terms": "With an escort.", "reason": "The escort is named."}
    return Call(m.programs.owner.client, f"{path}/lines", body, m.programs.owner.version(path), "PUT")


def _decide(who: str, action: str, **words: str) -> Callable[[Market], Call]:
    """An officer proposes; `action` confirm: a colleague confirms."""

    def call(m: Market) -> Call:
        program = getattr(m.programs, who)
        program = program.colleague if action == "confirm" else program
        task = by.task_of(program, m.made["agreement"])
        proof = program.proof()["Reauthentication"]
        return Call(program.client, f"/approvals/{task['id']}/{action}", {**by.seen(task), **words}, task["version"], proof=proof)

    return call


def _capacity(path: str, body: Any, method: str = "POST") -> Callable[[Market], Call]:
    return lambda m: Call(m.programs.owner.client, f"/assets/{m.made['asset']}/capacity{path}", body, None, method)


STEPS: Sequence[Step] = (
    Step("raise a total", _capacity("", {"totals": {"platform": 4}}, "PUT")),
    Step("keep a reserve", _capacity("/claims", {"kind": "reserve", "amounts": {"platform": 1}})),
    Step("ask for access", _request("need", "requester"), "request"),
    Step(
        "counter, and hold",
        _move("owner", "request", "counter", {"amounts": {"platform": 1, "load_kg": 60}, "price_minor": 900_000}),
    ),
    Step("counter again, hold instead", _move("owner", "request", "counter", {"price_minor": 1_000_000})),
    Step("take the offer", _move("requester", "request", "accept-offer"), "agreement"),
    Step("sign as owner", _sign("owner")),
    Step("sign as requester", _sign("requester")),
    Step("submit to the regulators", _move("owner", "agreement", "submit")),
    Step("propose a return", _decide("regulator", "return", reasons="Name the escort.")),
    Step("return with reasons", _decide("regulator", "confirm")),
    Step("amend", _amend),
    Step("sign again as owner", _sign("owner")),
    Step("sign again as requester", _sign("requester")),
    Step("submit again", _move("owner", "agreement", "submit")),
    Step("propose, first", _decide("administration", "approve")),
    Step("approve, first", _decide("administration", "confirm")),
    Step("propose, last", _decide("regulator", "approve")),
    Step("approve, last: commit", _decide("regulator", "confirm")),
    Step("a rival asks", _request("rival", "rival"), "rival_request"),
    Step("accept the rival, and hold", _move("owner", "rival_request", "accept")),
    Step("the rival withdraws", _move("rival", "rival_request", "withdraw")),
)
