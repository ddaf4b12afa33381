"""The world that the walk goes through: one thing of every sort, whose it is, and everybody who may come along.

Owns the facts: of each thing its parties, its regulators and who may know of it. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.agreements.models import Agreement
from app.db.work import Bus
from app.kernel.actor import Role
from app.kernel.clock import FixedClock
from app.matching.cobuilding.reckon import reckon
from app.rent.models import RentStatement
from tests.integration.disclosing.test_grants import TERMS
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.integration.matching.test_routes import A, B, lay
from tests.support import market, people, places
from tests.support import programs as by
from tests.support.programs import API, Program, Programs

REGION = "440300"
UNDER = {"text": "Report the load", "due_on": "2026-12-01"}
DUTY = {"duty": "disclosure", "reason": "The site is a control room of the grid"}


@dataclass(frozen=True)
class Thing:
    """One object. `known`: the organisations that may know of it, where not its policy alone says so."""

    ref: str
    owner: int | None = None
    requester: int | None = None
    regulators: frozenset[int] = frozenset()
    region: str | None = REGION
    status: str | None = None
    known: frozenset[int] | None = None


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door: for whom, in which role, with which competence, and how."""

    client: FlaskClient
    organisation: int = 0
    role: Role | None = None
    authority: str | None = None
    scopes: frozenset[str] | None = None
    csrf: str = ""


@dataclass(frozen=True)
class Scene:
    app: Flask
    bus: Bus
    things: dict[str, Thing]
    visitors: dict[str, Visitor]


def build(app: Flask, bus: Bus, clock: FixedClock) -> Scene:
    programs = by.shenzhen(app, bus)
    visitors = everybody(app, bus, programs)
    things = market_of(programs)
    things |= later(programs, things["round"].ref) | shared(programs)
    things |= grants(programs, things["hidden"].ref, visitors)
    both = frozenset({programs.owner.organisation_id, visitors["granted"].organisation})
    things["hidden"] = replace(things["hidden"], known=both)
    watching = frozenset({visitors[name].organisation for name in ("own requester", "administration", "sector regulator")})
    institute, platform = visitors["evaluator"].organisation, visitors["administrator"].organisation
    things["need"] = replace(things["need"], known=watching | {institute})
    things["allocation"] = replace(things["allocation"], known=watching | {platform})
    things["group"] = replace(things["group"], known=(things["group"].known or frozenset()) | {institute})
    clock.advance(timedelta(days=3))
    return Scene(app, bus, things, visitors)


def market_of(p: Programs) -> dict[str, Thing]:
    """From a listing to an agreement before its regulators, one of whom has proposed to sign under a condition."""
    owner, requester = p.owner.organisation_id, p.requester.organisation_id
    mca, energy = p.administration.organisation_id, p.regulator.organisation_id
    listing = p.owner.send("/listings", LISTING, status=201)
    draft = p.owner.send("/listings", {**LISTING, "publish": False, "asset": {**LISTING["asset"], "name": "Draft"}}, status=201)
    p.owner.send(f"/assets/{listing['asset']['id']}/capacity/claims", {"kind": "reserve", "amounts": {"platform": 1}}, status=201)
    bulk = p.owner.send("/listing-changes", {"listings": [listing["id"]], "set": {"tier": "T1"}}, status=201)
    claims = p.owner.get(f"/assets/{listing['asset']['id']}/capacity")["claims"]
    round_ = by.open_round(p)
    asked = {**NEED, "needs_list": round_.rpartition("/")[2]}
    need = p.requester.send("/needs", asked, status=201)["id"]
    bundled = [p.requester.send("/needs", {**asked, "submit": False}, status=201)["id"] for _ in range(2)]
    bundle = p.requester.send("/bundles", {"name": "Together", "needs": bundled}, status=201)
    far = {"geometry": {"type": "Point", "coordinates": [114.3, 22.7]}, "accepts_cobuild": True, "tier": "T0"}
    for who in (p.requester, p.rival):
        who.send("/needs", {**asked, **far}, status=201)
    by.publish_round(p, round_)
    run = by.match(p)["id"]
    reckon(p.bus, None, lambda percent, message: None)
    group = p.requester.get("/cobuild-groups")["results"][0]["id"]
    request = f"/access-requests/{p.requester.send('/access-requests', {'need': need, 'listing': listing['id'], 'submit': True}, status=201)['id']}"
    document = by.attach(p.owner, "access_request", request.rpartition("/")[2], "photo.txt", "site_photo")
    by.offered(p, request)
    agreement = by.drafted(p, request)
    by.sign_and_submit(p, agreement)
    first = by.task_of(p.administration, agreement)["id"]
    by.decide(p.administration, agreement, "approve-with-conditions", conditions=[UNDER | {"by": p.owner.organisation}])
    agreed = p.administration.get(f"/approvals/{first}")["conditions_on_it"][0]
    kept = p.owner.send("/searches", {"name": "Towers", "query": "kind=tower", "alert": "daily"}, status=201)["id"]
    parties = {"owner": owner, "requester": requester}
    both = frozenset({mca, energy})
    return {
        "asset": Thing(listing["asset"]["id"], owner=owner, known=None),
        "hidden": Thing(draft["asset"]["id"], owner=owner),
        "listing": Thing(listing["id"], owner=owner),
        "draft": Thing(draft["id"], owner=owner, known=frozenset({owner})),
        "claim": Thing(claims[0]["id"], owner=owner),
        "bulk change": Thing(bulk["id"], owner=owner, region=None, status="previewed"),
        "round": Thing(round_.rpartition("/")[2], status="published"),
        "need": Thing(need, requester=requester),
        "bundle": Thing(bundle["id"], requester=requester, known=frozenset({requester})),
        "run": Thing(run),
        "group": Thing(group, requester=requester, status="proposed", known=frozenset({requester, p.rival.organisation_id, mca})),
        "request": Thing(request.rpartition("/")[2], **parties),
        "document": Thing(document, **parties, known=frozenset({owner, requester, mca})),
        "agreement": Thing(agreement.rpartition("/")[2], **parties, regulators=both),
        "task": Thing(by.task_of(p.regulator, agreement)["id"], **parties, regulators=frozenset({energy})),
        "task to read": Thing(by.task_of(p.regulator, agreement)["id"], **parties, regulators=both),
        "duty": Thing(str(agreed["id"]), owner=owner, regulators=both),
        "own listing": Thing(listing["id"], owner=owner, known=frozenset({owner})),
        "condition": Thing(str(agreed["id"]), **parties, regulators=frozenset({mca})),
        "notice": Thing(p.owner.get("/notices")["results"][0]["id"], known=frozenset({owner})),
        "search": Thing(kept, known=frozenset({owner})),
        "own search": Thing(kept, known=frozenset()),
        "token": Thing(p.owner.get("/tokens")["results"][0]["id"], known=frozenset()),
        "organisation": Thing(p.owner.organisation, owner=owner, status="active"),
    }


def later(p: Programs, round_: str) -> dict[str, Thing]:
    """A statement of rent, a file that was sent, corridors, an allocation, a delegation, a request by route."""
    owner, requester = p.owner.organisation_id, p.requester.organisation_id
    regulators = frozenset({p.administration.organisation_id, p.regulator.organisation_id})
    with p.bus.database.write() as session:
        agreement = session.scalars(select(Agreement)).one()
        statement = RentStatement(
            agreement_id=agreement.id,
            number=1,
            supplier_id=owner,
            beneficiary_id=requester,
            until=date(2026, 7, 1),
            currency="CNY",
            total_minor=0,
            created_at=places.MADE_AT,
        )
        session.add(statement)
        session.flush()
        written = statement.ref
    file = {
        "subject": "listings",
        "kind": "tower",
        "crs": "EPSG:4490",
        "file": (BytesIO(b"id,name,lon,lat\nT,a,114,22\n"), "t.csv"),
    }
    sent = p.owner.client.post(f"{API}/imports", data=file, content_type="multipart/form-data").json
    assert sent is not None
    layer = p.administration.send(
        "/corridor-layers",
        {
            "region": REGION,
            "name": "Metro",
            "sort": "rail",
            "source": "Survey 2026",
            "lines": [{"name": "Line 1", "coordinates": [[114.05, 22.5], [114.1, 22.5]]}],
        },
        status=201,
    )
    allocation = p.administration.send("/allocations", {"needs_list": round_}, status=202)
    p.work_off()
    return {
        "statement": Thing(written, owner=owner, requester=requester, regulators=regulators),
        "import": Thing(sent["id"], owner=owner, region=None, status=sent["status"]),
        "layer": Thing(layer["id"], known=frozenset({p.administration.organisation_id})),
        "allocation": Thing(allocation["id"]),
        "route": route(p),
    }


def route(p: Programs) -> Thing:
    """A request over one owner's cable."""
    lay(p.owner.client, A, B, name="Whole")
    round_ = p.administration.send(
        "/needs-lists",
        {"region": REGION, "name": "Fibre", "name_zh": "光缆", "opens_on": "2026-06-01", "closes_on": "2026-12-01"},
        status=201,
    )["id"]
    need = p.requester.send(
        "/needs",
        {
            **NEED,
            "needs_list": round_,
            "kind": "cable",
            "shape": "route",
            "geometry": {"type": "LineString", "coordinates": [A, B]},
            "radius_m": 100,
            "requirements": {"pairs": 2},
        },
        status=201,
    )["id"]
    by.publish_round(p, f"/needs-lists/{round_}")
    best = p.requester.get(f"/routes?need={need}")["results"][0]
    listings = list(dict.fromkeys(s["listing"]["id"] for leg in best["legs"] for s in leg["sections"]))
    made = p.requester.send("/route-requests", {"need": need, "listings": listings}, status=201)
    return Thing(made["id"], requester=p.requester.organisation_id)


def shared(p: Programs) -> dict[str, Thing]:
    """What disclosure is about: a question for a closer look and a case of exemption."""
    owner, requester = p.owner.organisation_id, p.requester.organisation_id
    asset = p.owner.send("/listings", {**LISTING, "asset": {**LISTING["asset"], "name": "Approximate"}}, status=201)["asset"][
        "id"
    ]
    look = p.requester.send("/closer-looks", {**TERMS, "asset": asset}, status=201)["id"]
    case = p.owner.send("/exemptions", {**DUTY, "asset": asset}, status=201)["id"]
    held = frozenset({p.administration.organisation_id, p.regulator.organisation_id})
    return {
        "look": Thing(look, owner=owner, requester=requester, status="open"),
        "exemption": Thing(case, owner=owner, regulators=held, status="open"),
    }


def grants(p: Programs, asset: str, visitors: dict[str, Visitor]) -> dict[str, Thing]:
    """On the asset that is open to nobody: one grant that holds and one that will be over when the walk begins."""
    found = {}
    for who, until in (("granted", "2026-07-31"), ("expired grant", "2026-07-02")):
        with p.bus.database.read() as session:
            holder = session.get_one(Organisation, visitors[who].organisation).ref
        made = p.owner.send("/grants", {**TERMS, "organisation": holder, "asset": asset, "ends_on": until}, status=201)
        state = "active" if who == "granted" else "expired"
        found[who] = Thing(made["id"], owner=p.owner.organisation_id, requester=visitors[who].organisation, status=state)
    return found


def everybody(app: Flask, bus: Bus, p: Programs) -> dict[str, Visitor]:
    def person(name: str, of: Program | people.Made, role: Role, authority: str | None = None) -> Visitor:
        id_ = of.organisation_id if isinstance(of, Program) else of.id
        ref = of.organisation if isinstance(of, Program) else of.ref
        client = people.signed_in(app, people.person(bus, people.Made(id_, ref, ""), role, name=name))
        return Visitor(client, id_, role, authority, None, people.csrf(client, "/account"))

    def company(name: str, **more: Any) -> people.Made:
        return people.organisation(bus, name, **{"sector": "transport", **more})

    elsewhere, institute = company("Elsewhere"), company("Institute", sector="other")
    with bus.database.write() as session:
        tokens = session.get_one(Organisation, p.owner.organisation_id)
        clients = {
            scopes: market.signed_in(app, session, tokens, Role.MANAGER, scopes) for scopes in (("read",), ("read", "write"))
        }
    nobody = app.test_client()
    roles = (Role.ADMIN, Role.MANAGER, Role.EDITOR, Role.VIEWER)
    return {
        "anonymous": Visitor(nobody, csrf=people.csrf(nobody, "/sign-in")),
        **{f"own {role}": person(f"Own {role}", p.owner, role) for role in roles},
        "own requester": person("Own requester", p.requester, Role.MANAGER),
        **{f"other's {role}": person(f"Other {role}", elsewhere, role) for role in roles},
        "granted": person("Granted", company("Holder"), Role.MANAGER),
        "expired grant": person("Expired", company("Late"), Role.MANAGER),
        "administration": person("Mca", p.administration, Role.OFFICER, "communications"),
        "administration viewer": person("Mca viewer", p.administration, Role.VIEWER, "communications"),
        "sector regulator": person("Energy", p.regulator, Role.OFFICER, "sector"),
        "evaluator": person("Evaluator", institute, Role.EVALUATOR),
        "administrator": person("Administrator", company("Platform", kind="platform"), Role.ADMINISTRATOR),
        **{
            f"token to {scopes[-1]}": Visitor(client, p.owner.organisation_id, Role.MANAGER, None, frozenset(scopes))
            for scopes, client in clients.items()
        },
    }
