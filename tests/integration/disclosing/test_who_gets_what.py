"""One asset that is not open to anybody, through every route that shows or changes one, by {its owner, somebody else, a holder of a
grant, a holder of an expired, a revoked and a coming one, nobody}: exact statuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db.work import Bus
from app.kernel.actor import Role
from app.kernel.clock import FixedClock
from tests.integration.disclosing.test_grants import TERMS
from tests.integration.main_job.test_tower_by_api import LISTING
from tests.support import people
from tests.support import programs as by

WHO = ("own", "other's", "granted", "expired grant", "revoked grant", "coming grant", "anonymous")
# (method, path) → status for the owner and for who holds a grant; everybody else signed in: 404
ROUTES = {
    ("GET", "/api/v1/assets/{asset}"): (200, 200),
    ("GET", "/assets/{asset}"): (200, 200),
    ("GET", "/api/v1/assets/{asset}/capacity"): (200, 404),
    ("GET", "/assets/{asset}/capacity/"): (200, 404),
    ("GET", "/assets/{asset}/edit"): (200, 403),
    ("PATCH", "/api/v1/assets/{asset}"): (412, 403),
    ("POST", "/api/v1/assets/{asset}/deactivate"): (412, 403),
    ("GET", "/api/v1/listings/{draft}"): (200, 404),
    ("GET", "/listings/{draft}"): (200, 404),
    ("GET", "/disclosure/ask?asset={asset}"): (200, 200),
    ("GET", "/disclosure/exemptions/new?asset={asset}"): (200, 200),
}


@pytest.fixture
def asked(app: Flask, bus: Bus, clock: FixedClock) -> tuple[dict[str, tuple[FlaskClient, FlaskClient]], dict[str, str]]:
    """(API client, person's client) of each, and the refs."""
    programs = by.shenzhen(app, bus)
    made = programs.owner.send("/listings", {**LISTING, "publish": False}, status=201)
    refs = {"asset": made["asset"]["id"], "draft": made["id"]}
    clients = {}
    for who in WHO[:-1]:
        if who == "own":
            company = people.Made(programs.owner.organisation_id, programs.owner.organisation, "")
        else:
            company = people.organisation(bus, f"Company {who}", sector="telecom")
        person = people.person(bus, company, Role.MANAGER, name=f"Person {who}")
        signed_in = people.signed_in(app, person)
        clients[who] = (signed_in, signed_in)
        if who.endswith("grant") or who == "granted":
            late = "2026-07-20" if who == "coming grant" else None
            until = "2026-07-02" if who == "expired grant" else "2026-07-31"
            body = {**TERMS, "organisation": company.ref, "asset": refs["asset"], "starts_on": late, "ends_on": until}
            grant = programs.owner.send("/grants", body, status=201)["id"]
            if who == "revoked grant":
                programs.owner.send(f"/grants/{grant}/revoke", {"reason": "It was given in error"})
    clients["anonymous"] = (app.test_client(), app.test_client())
    clock.advance(timedelta(days=3))
    return clients, refs


def test_exact_statuses(asked: tuple[dict[str, tuple[FlaskClient, FlaskClient]], dict[str, str]]) -> None:
    clients, refs = asked
    wrong = []
    for (method, pattern), (for_owner, for_holder) in ROUTES.items():
        path = pattern.format(**refs)
        is_page = not path.startswith("/api/")
        for who, (api, person) in clients.items():
            wanted = {"own": for_owner, "granted": for_holder, "anonymous": 302 if is_page else 401}.get(who, 404)
            client, headers = (person, dict(people.PAGE)) if is_page else (api, {"If-Match": '"99"'})
            if method != "GET" and who != "anonymous":
                headers["X-CSRFToken"] = people.csrf(client, "/account")
            elif method != "GET":
                headers["X-CSRFToken"] = people.csrf(client, "/sign-in")
            status = client.open(
                path, method=method, json={"name": "Another"} if method == "PATCH" else None, headers=headers
            ).status_code
            if status != wanted:
                wrong.append(f"{who}: {method} {pattern} → {status}, not {wanted}")
    assert not wrong, "\n".join(wrong)
