"""The same market twice: what is hidden stands in one corner of its cell, or in another. Everything else is the same to the byte:
the clock stands, and chance is dealt from one pack.

Owns what the requester has to do with: approximate and only counted assets of every shape, matches, a route, a group, an
allocation, a request, an agreement.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.assets import locating
from app.db.work import Bus
from app.disclosure import cell_bounds
from app.kernel.actor import Role
from app.matching.cobuilding.reckon import reckon
from app.searches.jobs import look_through
from tests.contract.walk import scene as walk
from tests.integration.disclosing.test_grants import TERMS
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.integration.matching.test_routes import lay
from tests.support import people
from tests.support import programs as by
from tests.support.programs import Programs

HERE = (114.058, 22.543)
CELL = cell_bounds(114.0645, 22.545)  # about 750 m from HERE: its middle is within neither reach nor both
ENDS = ((114.0645, 22.553), (114.0845, 22.571))  # of the hidden cable
# nothing serves it; whether the hidden tower is within the 3 km of the same-place rule depends on where it stands
APART = {"geometry": {"type": "Point", "coordinates": [114.088, 22.565]}, "accepts_cobuild": True, "tier": "T0"}
Box = tuple[float, float, float, float]


@dataclass
class World:
    """`walk`: the things by the names of the table of routes; `variants`: more things of the same sort."""

    walk: walk.Scene
    programs: Programs
    variants: dict[str, list[str]]
    api: FlaskClient
    person: FlaskClient
    evaluator: FlaskClient
    owner: FlaskClient

    @property
    def app(self) -> Flask:
        return self.walk.app


def corner(cell: Box, far: bool) -> tuple[float, float]:
    """The corner next to HERE, or the one across."""
    west, south, east, north = cell
    share = 0.98 if far else 0.02
    return west + (east - west) * share, south + (north - south) * share


def deal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same refs, ids of requests and marks in both worlds."""
    pack = random.Random(7)
    monkeypatch.setattr(secrets, "randbits", pack.getrandbits)
    monkeypatch.setattr(secrets, "token_bytes", lambda size=None: pack.randbytes(size or 32))  # and what is made of them
    monkeypatch.setattr(secrets, "choice", pack.choice)


def divide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A border of two districts runs through the cell, east of its middle: what stands across it is of another region."""
    real, border = locating.locate, (CELL[0] + CELL[2]) / 2 + 0.001

    def located(lon: Any, lat: Any, *more: Any, **options: Any) -> Any:
        across = (
            (np.asarray(lon) > border)
            & (np.asarray(lon) <= CELL[2])
            & (np.asarray(lat) >= CELL[1])
            & (np.asarray(lat) <= CELL[3])
        )
        return np.where(across, "440305", real(lon, lat, *more, **options))

    monkeypatch.setattr(locating, "locate", located)


def world(app: Flask, bus: Bus, far: bool) -> World:
    programs = by.shenzhen(app, bus)
    owner, asking = programs.owner, programs.requester
    kept = {"name": "Near us", "query": f"kind=tower&lon={HERE[0]}&lat={HERE[1]}&radius_m=700", "alert": "instant"}
    search = asking.send("/searches", kept, status=201)["id"]
    hidden = hide(programs, far)
    round_ = by.open_round(programs)
    needs = ask(programs, round_.rpartition("/")[2])
    by.publish_round(programs, round_)
    reckoned = before_all(programs, needs, round_.rpartition("/")[2])
    look = asking.send("/closer-looks", {**TERMS, "asset": hidden["asset"]}, status=201)["id"]
    programs.work_off()
    things = {
        **hidden,
        **needs,
        **reckoned,
        **agreed(programs, needs["own_need"], hidden["open_listing"]),
        "round": round_.rpartition("/")[2],
        "look": look,
        "search": search,
        "own search": search,
        "organisation": owner.organisation,
        "notice": asking.get("/notices")["results"][0]["id"],
        "token": asking.get("/tokens")["results"][0]["id"],
    }
    programs.work_off()
    with app.app_context():
        look_through(bus, instant=True)
    made = people.person(bus, people.Made(0, asking.organisation, ""), Role.MANAGER, name="Requester")
    institute = people.organisation(bus, "Institute", sector="other")
    judge = people.person(bus, institute, Role.EVALUATOR, name="Evaluator")
    person = people.signed_in(app, made)
    known = walk.Scene(app, bus, {name: walk.Thing(ref) for name, ref in things.items()}, {})
    variants = {
        "asset": [things["counted"], things["cable"], things["open"]],
        "hidden": [things["counted"]],
        "listing": [things["counted_listing"], things["cable_listing"], things["open_listing"]],
        "need": [things["other_need"], things["own_need"], things["route_need"]],
        "route": [things["site"]],
    }
    return World(known, programs, variants, asking.client, person, people.signed_in(app, judge), owner.client)


def hide(p: Programs, far: bool) -> dict[str, str]:
    """Approximate: a tower and a cable; only to be counted: a tower; exact, and where it always is: a tower."""
    found = {}
    standing = {"asset": ("T1", corner(CELL, far)), "counted": ("T0", corner(CELL, far)), "open": ("T2", HERE)}
    for name, (tier, place) in standing.items():
        asset = {**LISTING["asset"], "name": f"Tower {name}", "geometry": {"type": "Point", "coordinates": list(place)}}
        made = p.owner.send("/listings", {**LISTING, "title": f"Mast {name}", "tier": tier, "asset": asset}, status=201)
        found[name] = made["asset"]["id"]
        found["listing" if name == "asset" else f"{name}_listing"] = made["id"]
    ends = [corner(cell_bounds(*end), far) for end in ENDS]
    cable = lay(p.owner.client, *ends, name="Fibre", tier="T1")
    return {**found, "hidden": found["asset"], "cable": cable["asset"]["id"], "cable_listing": cable["id"]}


def ask(p: Programs, round_: str) -> dict[str, str]:
    """Needs so near the hidden that where it stands decides who serves them; and ones that nothing serves, to be built together."""
    near = {**NEED, "needs_list": round_, "geometry": {"type": "Point", "coordinates": list(HERE)}}
    route = {
        **near,
        "kind": "cable",
        "shape": "route",
        "geometry": {"type": "LineString", "coordinates": [list(corner(cell_bounds(*end), False)) for end in ENDS]},
        "radius_m": 300,
        "requirements": {"pairs": 2},
    }
    bodies: dict[str, dict[str, Any]] = {
        "need": {**near, "radius_m": 700},
        "other_need": {**near, "radius_m": 1100},
        "own_need": {**near, "radius_m": 100},
        "route_need": route,
    }
    made = {name: p.requester.send("/needs", body, status=201)["id"] for name, body in bodies.items()}
    drafts = [p.requester.send("/needs", {**near, "submit": False}, status=201)["id"] for _ in range(2)]
    made["bundle"] = p.requester.send("/bundles", {"name": "Together", "needs": drafts}, status=201)["id"]
    sites = [p.requester.send("/needs", {**near, "radius_m": metres}, status=201)["id"] for metres in (700, 1100)]
    made["site_bundle"] = p.requester.send("/bundles", {"name": "A site", "needs": sites}, status=201)["id"]
    for who in (p.requester, p.rival):
        who.send("/needs", {**near, **APART}, status=201)
    return made


def before_all(p: Programs, needs: dict[str, str], round_: str) -> dict[str, str]:
    """What the engine finds: matches, groups, an allocation, a route."""
    run = by.match(p)["id"]
    reckon(p.bus, None, lambda percent, message: None)
    group = p.requester.get("/cobuild-groups")["results"][0]["id"]
    allocation = p.administration.send("/allocations", {"needs_list": round_}, status=202)["id"]
    p.work_off()
    best = p.requester.get(f"/routes?need={needs['route_need']}")["results"][0]
    listings = list(dict.fromkeys(s["listing"]["id"] for leg in best["legs"] for s in leg["sections"]))
    route = p.requester.send("/route-requests", {"need": needs["route_need"], "listings": listings}, status=201)["id"]
    return {"run": run, "group": group, "allocation": allocation, "route": route, "site": asked_as_one(p, needs["site_bundle"])}


def asked_as_one(p: Programs, bundle: str) -> str:
    """The request for a bundle, of which an owner has refused a leg, so that the next best is told."""
    found = p.requester.get(f"/bundles/{bundle}/options")["needs"]
    parts = [{"need": one["need"]["id"], "listings": one["options"][0]["listings"]} for one in found]
    ref = p.requester.send(f"/bundles/{bundle}/request", {"parts": parts}, status=201)["id"]
    leg = p.requester.get(f"/route-requests/{ref}")["route_legs"][0]["request"]["id"]
    proof = by.attach(p.owner, "access_request", leg, "proof.txt", "evidence")
    refusal = {"ground": "safety", "reason": "The mast is unsafe to climb.", "evidence": {"safety_assessment": proof}}
    version = p.owner.version(f"/access-requests/{leg}")
    p.owner.send(f"/access-requests/{leg}/refuse", refusal, version=version)
    return str(ref)


def agreed(p: Programs, need: str, listing: str) -> dict[str, str]:
    """Over the tower that is open: asked for, offered, signed, before its regulators."""
    request = p.requester.send("/access-requests", {"need": need, "listing": listing, "submit": True}, status=201)["id"]
    document = by.attach(p.owner, "access_request", request, "photo.txt", "site_photo")
    by.offered(p, f"/access-requests/{request}")
    agreement = by.drafted(p, f"/access-requests/{request}")
    by.sign_and_submit(p, agreement)
    task = by.task_of(p.regulator, agreement)["id"]
    ref = agreement.rpartition("/")[2]
    return {"request": request, "document": document, "agreement": ref, "task": task, "task to read": task}
