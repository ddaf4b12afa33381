"""The calls of which the proof of faults is told: who does what to which thing that the story has made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prove.story import Call, Market
from tests.integration.main_job.test_tower_by_api import NEED
from tests.support import programs as by

Make = Callable[[Market], Call]


def request(need: str, who: str) -> Make:
    def call(m: Market) -> Call:
        body = {"need": m.made[need], "listing": m.made["listing"], "submit": True}
        return Call(getattr(m.programs, who).client, "/access-requests", body)

    return call


def move(who: str, thing: str, action: str, body: Any = None) -> Make:
    """An action on what was made, in its present version."""

    def call(m: Market) -> Call:
        program, path = getattr(m.programs, who), place(m, thing)
        return Call(program.client, f"{path}/{action}", body(m) if callable(body) else body or {}, program.version(path))

    return call


def place(m: Market, thing: str) -> str:
    """The path of what the story made, by the last word of its name."""
    room = {"agreement": "agreements", "amendment": "agreements", "request": "access-requests", "route": "route-requests"}
    return f"/{room.get(thing.rpartition(' ')[2], 'works')}/{m.made[thing]}"


def sign(who: str, thing: str) -> Make:
    def call(m: Market) -> Call:
        program, path = getattr(m.programs, who), place(m, thing)
        seen = program.get(path)
        return Call(program.client, f"{path}/sign", {"content_hash": seen["content_hash"]}, seen["version"])

    return call


def edit(thing: str, amounts: dict[str, float], price_minor: int) -> Make:
    """The owner writes one line anew, its price shared by the ladder."""

    def call(m: Market) -> Call:
        path, owner = place(m, thing), m.programs.owner
        line = {
            "asset": m.made["asset"],
            "supplier": owner.organisation,
            "beneficiary": m.programs.requester.organisation,
            "amounts": amounts,
            "starts": "2026-07-01",
            "ends": NEED["window_end"],
            "price_minor": price_minor,
            "listing": m.made["listing"],
            "shared": True,
        }
        return Call(owner.client, f"{path}/lines", {"lines": [line], "terms": "With an escort."}, owner.version(path), "PUT")

    return call


def decide(who: str, action: str, thing: str = "agreement", **words: Any) -> Make:
    """An officer proposes; `action` confirm or send-back: a colleague, or the officer again, answers that."""

    def call(m: Market) -> Call:
        program = getattr(m.programs, who)
        program = program.colleague if action == "confirm" else program
        task = by.task_of(program, m.made[thing])
        proof = program.proof()["Reauthentication"]
        said = {name: value(m) if callable(value) else value for name, value in words.items()}
        seen = {} if action == "send-back" else by.seen(task)
        return Call(program.client, f"/approvals/{task['id']}/{action}", {**seen, **said}, task["version"], proof=proof)

    return call


def conditions(m: Market) -> list[dict[str, str]]:
    return [{"text": "Earth the mast.", "by": m.programs.requester.organisation, "due_on": "2026-12-01"}]


def condition(who: str, action: str) -> Make:
    """The one condition of the agreement's approval."""

    def call(m: Market) -> Call:
        program = getattr(m.programs, who)
        every = m.programs.administration.get("/approvals?status=all")["results"]
        task = next(
            one for one in every if one["agreement"]["id"] == m.made["agreement"] and one["status"] == "approved_with_conditions"
        )
        found = m.programs.administration.get(f"/approvals/{task['id']}")["conditions_on_it"][0]
        return Call(program.client, f"/conditions/{found['id']}/{action}", {"note": "Done."}, found["version"])

    return call


def capacity(path: str, body: Any, method: str = "POST") -> Make:
    return lambda m: Call(m.programs.owner.client, f"/assets/{m.made['asset']}/capacity{path}", body, None, method)


def end_outage(m: Market) -> Call:
    owner, path = m.programs.owner, f"/assets/{m.made['asset']}/capacity"
    found = next(one for one in owner.get(path)["claims"] if one["kind"] == "unavailable")
    return Call(owner.client, f"{path}/claims/{found['id']}/end", {})


def report_use(m: Market) -> Call:
    """The owner states a new structural report: what it finds is claimed."""
    owner, path = m.programs.owner, f"/assets/{m.made['asset']}"
    body = {"attributes": {"utilisation_pct": 20, "utilisation_on": "2026-06-01"}}
    return Call(owner.client, path, body, owner.version(path), "PATCH")


def list_more(m: Market) -> Call:
    body = {
        "title": "A second mast",
        "window_start": "2026-07-01",
        "price_minor": 900_000,
        "asset": {
            "kind": "tower",
            "name": "Second mast",
            "geometry": {"type": "Point", "coordinates": [114.07, 22.55]},
            "attributes": {"structure": "monopole", "structure_height_m": 30, "utilisation_pct": 10},
            "capacity": {"platform": 2, "load_kg": 200},
        },
    }
    return Call(m.programs.owner.client, "/listings", body)


def refuse(who: str, thing: str) -> Make:
    """On the ground of safety, with its evidence."""

    def call(m: Market) -> Call:
        program, path = getattr(m.programs, who), place(m, thing)
        proof = by.attach(program, "access_request", m.made[thing], "assessment.txt", "evidence")
        body = {"ground": "safety", "reason": "The ladder is loose.", "evidence": {"safety_assessment": proof}}
        return Call(program.client, f"{path}/refuse", body, program.version(path))

    return call


def disputed(m: Market) -> Call:
    """The rival has disputed the refusal; the administration orders access."""
    path = place(m, "rival request")
    m.programs.rival.send(f"{path}/dispute", {"claim": "It is no danger."}, version=m.programs.rival.version(path))
    officer = m.programs.administration
    body = {"decision": "order", "reasons": "The ladder can be mended.", "price_minor": 700_000}
    return Call(
        officer.client, f"{path}/dispute/decision", body, officer.version(path), proof=officer.proof()["Reauthentication"]
    )


def statement(m: Market) -> Call:
    """The days that are over by ten days later."""
    m.later(10)
    owner, path = m.programs.owner, place(m, "agreement")
    return Call(owner.client, f"{path}/statements", {"until": m.today.isoformat()}, owner.version(path))


def today_as(name: str, **more: Any) -> Callable[[Market], dict[str, Any]]:
    return lambda m: {name: m.today.isoformat(), **more}


def ask_route(m: Market) -> Call:
    carrier = m.programs.requester
    found = carrier.get(f"/routes?need={m.made['backhaul']}")["results"][0]
    return Call(carrier.client, "/route-requests", {"need": m.made["backhaul"], "listings": sections(found)})


def sections(route: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(one["listing"]["id"] for leg in route["legs"] for one in leg["sections"]))


def leg(m: Market, owner: str) -> None:
    """Keep the request that is the leg which an owner has still to answer."""
    legs = m.programs.requester.get(place(m, "route"))["route_legs"]
    name = {"owner": "Southern Grid", "rival": "Rival Mobile"}[owner]
    m.made["leg request"] = next(one["request"]["id"] for one in legs if _waits_for(one["request"], name))


def _waits_for(request: dict[str, Any], owner: str) -> bool:
    return request["owner"]["name"] == owner and request["status"] in ("submitted", "complete")


def answer_leg(who: str, action: str) -> Make:
    def call(m: Market) -> Call:
        leg(m, who)
        return refuse(who, "leg request")(m) if action == "refuse" else move(who, "leg request", action)(m)

    return call


def reroute(m: Market) -> Call:
    carrier, path = m.programs.requester, place(m, "route")
    other = carrier.get(f"{path}/next-route")["results"][0]
    return Call(carrier.client, f"{path}/reroute", {"listings": sections(other)}, carrier.version(path))


WORKS = {
    "kind": "tunnel",
    "name": "Harbour tunnel",
    "geometry": {"type": "LineString", "coordinates": [[114.05, 22.53], [114.06, 22.54]]},
    "from_m": 0,
    "to_m": 1400,
    "elements": [
        {"kind": "duct", "name": "West gallery", "from_m": 0, "to_m": 1400, "capacity": {"hole": 8}, "reserved": {"hole": 2}}
    ],
}


def announce(m: Market) -> Call:
    owner = m.programs.owner
    dates = {"permit_on": "2027-09-09", "starts_on": "2027-10-01", "completes_on": "2030-01-01"}
    m.made["tunnel"] = owner.send("/works", {**WORKS, **dates}, status=201)["id"]
    return move("owner", "tunnel", "announce")(m)
