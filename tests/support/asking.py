"""A region that asks: carriers with needs, owners with towers, their administration, a regulator, an evaluator; each as an API
client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import CompetenceGrant, Organisation
from app.db.work import Bus
from app.kernel.actor import Actor, Role
from tests.support import market, places

HERE = [114.0579, 22.5431]  # in Futian, Shenzhen
ALTERNATIVE = {"description": "A monopole of our own", "cost_minor": 40_000_000, "days": 120}


@dataclass
class Region:
    """Clients by who they are; `actors` the same for use cases; `list_ref` a list that collects."""

    bus: Bus
    app: Flask
    carrier: FlaskClient
    drafter: FlaskClient
    rival: FlaskClient
    grid: FlaskClient
    city: FlaskClient
    administration: FlaskClient
    far: FlaskClient
    regulator: FlaskClient
    evaluator: FlaskClient
    actors: dict[str, Actor]
    ids: dict[str, int]
    list_ref: str


def need_body(list_ref: str, **more: Any) -> dict[str, Any]:
    return {
        "needs_list": list_ref,
        "kind": "tower",
        "title": "5G macro at Huaqiangbei",
        "shape": "circle",
        "geometry": {"type": "Point", "coordinates": HERE},
        "radius_m": 500,
        "requirements": {"mounts": 2, "height_m": 25, "load_kg": 120},
        "window_start": "2027-01-01",
        "window_end": "2030-01-01",
        "budget_minor": 4_000_000,
        "alternative": ALTERNATIVE,
        **more,
    }


def tower_body(**more: Any) -> dict[str, Any]:
    asset = {
        "kind": "tower",
        "name": "Shennan 12",
        "geometry": {"type": "Point", "coordinates": more.pop("at", HERE)},
        "attributes": {"structure": "monopole", "structure_height_m": more.pop("height", 35)},
        "capacity": {"platform": 3, "load_kg": 400},
        "grade": more.pop("grade", "general"),
    }
    return {
        "title": "Platforms on a monopole",
        "window_start": "2026-07-01",
        "price_minor": 1_200_000,
        "publish": True,
        "asset": asset,
        **more,
    }


def regulator(session: Session, name: str, authority: str, sectors: list[str], regions: list[str]) -> Organisation:
    found = places.organisation(session, name, "other", kind="authority")
    session.add(
        CompetenceGrant(organisation_id=found.id, authority=authority, level="province", sectors=sectors, regions=regions)
    )
    session.flush()
    return found


def build(app: Flask, bus: Bus) -> Region:
    with bus.database.write() as session:
        carrier, rival = (
            places.organisation(session, "Bay Mobile", name_zh="湾区移动"),
            places.organisation(session, "Rival Mobile"),
        )
        grid, city = (
            places.organisation(session, "Southern Grid", "power"),
            places.organisation(session, "City Works", "municipal"),
        )
        ca = regulator(session, "Guangdong Communications Administration", "communications", [], ["440000"])
        far = regulator(session, "Beijing Communications Administration", "communications", [], ["110000"])
        energy = regulator(session, "Guangdong Energy Bureau", "sector", ["power"], ["440000"])
        institute = places.organisation(session, "Institute", "other")

        def client(of: Organisation, role: Role = Role.MANAGER) -> FlaskClient:
            return market.signed_in(app, session, of, role)

        region = Region(
            bus,
            app,
            client(carrier),
            client(carrier, Role.EDITOR),
            client(rival),
            client(grid),
            client(city),
            client(ca, Role.OFFICER),
            client(far, Role.OFFICER),
            client(energy, Role.OFFICER),
            client(institute, Role.EVALUATOR),
            {
                "carrier": market.acting(carrier),
                "rival": market.acting(rival),
                "grid": market.acting(grid),
                "city": market.acting(city),
                "administration": market.administration(ca, "440000"),
            },
            {"carrier": carrier.id, "rival": rival.id, "grid": grid.id, "city": city.id, "administration": ca.id},
            "",
        )
    region.list_ref = opened(region)
    return region


def opened(region: Region, **more: Any) -> str:
    """A list of Guangdong that collects now."""
    body = {
        "region": "440000",
        "name": "Autumn 2026",
        "name_zh": "2026年秋季",
        "opens_on": "2026-06-01",
        "closes_on": "2026-09-01",
        **more,
    }
    answer = region.administration.post("/api/v1/needs-lists", json=body)
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return str(answer.json["id"])


def asked(region: Region, client: FlaskClient | None = None, **more: Any) -> str:
    """A need, submitted unless told otherwise."""
    body = need_body(more.pop("needs_list", region.list_ref), **{"submit": True, **more})
    answer = (client or region.carrier).post("/api/v1/needs", json=body)
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return str(answer.json["id"])


def listed(region: Region, **more: Any) -> str:
    """A published tower of the grid."""
    answer = region.grid.post("/api/v1/listings", json=tower_body(**more))
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return str(answer.json["id"])


def published(region: Region, ref: str | None = None) -> int:
    """Publish a list; how many entries that were."""
    address = f"/api/v1/needs-lists/{ref or region.list_ref}"
    version = region.administration.get(address).headers["ETag"]
    answer = region.administration.post(f"{address}/publish", headers={"If-Match": version})
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    return int(answer.json["published"])


def move(client: FlaskClient, ref: str, step: str, **body: Any) -> Any:
    """One step of a need in its present version."""
    version = client.get(f"/api/v1/needs/{ref}").headers.get("ETag", '"1"')
    return client.post(f"/api/v1/needs/{ref}/{step}", json=body or None, headers={"If-Match": version})


def pointers(answer: Any) -> set[str]:
    assert answer.mimetype == "application/problem+json", answer.text
    return {error["pointer"] for error in answer.json["errors"]}
