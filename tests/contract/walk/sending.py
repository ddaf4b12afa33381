"""One request of the walk: its address, its body and its headers. Bodies are sound, so that what is answered is the decision and not
a complaint about the form; nothing that is sent remains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.db.session import Database
from app.fulfilment.rules import PROPOSED_GROUNDS
from tests.contract.walk.judge import Route
from tests.contract.walk.scene import Scene, Visitor
from tests.integration.disclosing.test_grants import TERMS
from tests.integration.main_job.test_tower_by_api import LISTING, NEED, TOWER
from tests.support import people

ABSENT = "0" * 13
FIXED = {
    "number": "1",
    "name": "tower",
    "locale": "en",
    "z": "8",
    "x": "209",
    "y": "111",
    "subject_type": "access_request",
    "page": "list",
    "calendar": "working_days:CN",
    "year": "2026",
    "code": "404",
    "filename": "none.css",
    "secret": "x" * 20,
    "digest": "0" * 64,
}
OTHERS = {"listing_ref": "listing", "claim_ref": "claim", "subject_ref": "request", "other": "run"}
HASH = "0" * 64
GROUND = PROPOSED_GROUNDS[0]
FIELDS: dict[str, Any] = {
    **TERMS,
    "name": "Shennan 12",
    "name_zh": "深南",
    "sector": "power",
    "password": people.PASSWORD,
    "kind": "tower",
    "kinds": "tower",
    "geometry": NEED["geometry"],
    "reason": "The record shows it",
    "decision": "The record shows it, and the rule of article 12",
    "duty": "disclosure",
    "totals": {"platform": 4},
    "amounts": {"platform": 1},
    "title": "Another",
    "window_start": "2027-01-01",
    "window_end": "2030-01-01",
    "asset": TOWER,
    "region": "440300",
    "opens_on": "2026-06-01",
    "closes_on": "2026-12-01",
    "limit_minor": 1000,
    "radius_m": 800,
    "requirements": NEED["requirements"],
    "shape": "circle",
    "outcome": "returned",
    "grounds": "No room beside it",
    "ground": "safety",
    "missing": ["A plan"],
    "message": "Please",
    "held_on": "2026-07-20",
    "report": "Measured",
    "result": "suitable",
    "items": [{"text": "Strengthen the base", "cost_minor": 100}],
    "valid_until": "2026-07-30",
    "claim": "The refusal has no ground",
    "reasons": "The record shows it",
    "content_hash": HASH,
    "ledger_hash": HASH,
    "starts": "2026-07-10",
    "ends": "2026-07-20",
    "installed_on": "2026-07-02",
    "equipment": "Two AAU",
    "accept": True,
    "agree": True,
    "removed_on": "2026-07-02",
    "citation": "Notice 12",
    "days": [],
    "lines": [],
    "sort": "rail",
    "source": "Survey 2026",
    "conditions": [{"text": "Report", "by": ABSENT, "due_on": "2026-12-01"}],
}
BODIES: dict[str, Any] = {
    "POST /api/v1/tasks/together": {"tasks": [{"kind": "access.answer", "id": ABSENT}]},
    "POST /api/v1/needs-lists/<ref>/invitations": {"organisations": [ABSENT]},
    "POST /api/v1/need-merges/<ref>/answer": {"accept": True},
    "PUT /api/v1/tasks/digest": {"every": "day"},
    "POST /api/v1/listings": {**LISTING, "publish": False},
    "POST /api/v1/listing-changes": {"filter": {"status": "published"}, "set": {"tier": "T1"}},
    "PATCH /api/v1/assets/<ref>": {"address": "1 Shennan Road"},
    "POST /api/v1/assets/<ref>/capacity/claims": {"kind": "reserve", "amounts": {"platform": 1}},
    "POST /api/v1/access-requests/<ref>/name-missing": {"missing": "A plan"},
    "POST /api/v1/access-requests/<ref>/quote": {
        "items": [{"label": "Base", "basis": "once", "amount_minor": 100}],
        "valid_until": "2026-07-30",
    },
    "POST /api/v1/access-requests/<ref>/dispute/decision": {"decision": "uphold", "reasons": "The record shows it"},
    "POST /api/v1/agreements/<ref>/end": {"ground": GROUND, "reason": "Both wish it", "ends_on": "2027-01-01"},
    "POST /api/v1/agreements/<ref>/make-ready": {"items": [{"title": "Base", "cause": "new_attachment", "amount_minor": 100}]},
    "PUT /api/v1/agreements/<ref>/lines": {
        "lines": [
            {
                "asset": ABSENT,
                "supplier": ABSENT,
                "beneficiary": ABSENT,
                "amounts": {"platform": 1},
                "starts": "2027-01-01",
                "ends": "2028-01-01",
            }
        ]
    },
    "POST /api/v1/works/<ref>/close": {"action": "cancel", "reason": "It is not built"},
    "POST /api/v1/works/<ref>/elements": {"kind": "duct", "name": "Gallery", "from_m": 0, "to_m": 100},
    "POST /api/v1/works/<ref>/slip": {"starts_on": "2028-01-01", "completes_on": "2029-01-01", "reason": "The ground is wet"},
    "POST /api/v1/bundles/<ref>/request": {"parts": [{"need": ABSENT, "listings": [ABSENT]}]},
    "POST /api/v1/exemptions": {"asset": "{asset}", "duty": "disclosure", "reason": "It serves a protected installation"},
}


def address(route: Route, scene: Scene) -> str:
    def fill(found: re.Match[str]) -> str:
        choices = re.match(r"<any\(([^,)]+)", found[0])
        if choices:
            return choices[1].strip()
        name = found[1]
        if name == "ref":
            return scene.things[route.thing].ref if route.thing in scene.things else ABSENT
        other = scene.things.get(OTHERS.get(name, ""))
        return FIXED.get(name) or (other.ref if other else ABSENT)

    return re.sub(r"<(?:[^<>]*:)?(\w+)>", fill, route.path)


def required_of(scene: Scene) -> dict[str, list[str]]:
    """Method and path → the fields that the API's own document demands."""
    document: Any = scene.app.test_client().get("/api/v1/openapi.json").json
    found = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "application/json" in operation.get("requestBody", {}).get("content", {}):
                shape = operation["requestBody"]["content"]["application/json"]["schema"]
                shape = document["components"]["schemas"].get(shape.get("$ref", "").split("/")[-1], shape)
                found[f"{method.upper()} {re.sub('{.*?}', '*', path)}"] = shape.get("required", [])
    return found


def form(scene: Scene) -> dict[str, str]:
    """Every field that some form has: each page takes its own."""
    return {name: value for name, value in (FIELDS | refs(scene)).items() if isinstance(value, str)} | {"version": "99"}


def refs(scene: Scene) -> dict[str, Any]:
    """What bodies name by its ref."""
    things = scene.things
    return {
        "needs_list": things["round"].ref,
        "need": things["need"].ref,
        "needs": [things["need"].ref],
        "listing": things["listing"].ref,
        "listings": [things["listing"].ref],
        "into": things["need"].ref,
        "organisation": things["organisation"].ref,
        "delegate": ABSENT,
        "subject": things["request"].ref,
    }


def body(route: Route, scene: Scene, required: dict[str, list[str]]) -> Any:
    named = f"{route.method} {route.path}"
    if named in BODIES:
        return BODIES[named]
    own = refs(scene)
    return {name: own.get(name, FIELDS.get(name, "x")) for name in required.get(re.sub("<.*?>", "*", named), ())}


def status(scene: Scene, route: Route, who: Visitor, required: dict[str, list[str]]) -> int:
    return answer(scene, route, who, required).status_code


def answer(scene: Scene, route: Route, who: Visitor, required: dict[str, list[str]]) -> TestResponse:
    """What is answered; the world is then what it was."""
    headers = {"If-Match": '"99"', "X-CSRFToken": who.csrf, **(people.PAGE if route.is_page else {})}
    sent: dict[str, Any] = {}
    if route.method != "GET":
        sent = {"data": form(scene)} if route.is_page else {"json": body(route, scene, required)}
    cookies = copy(who.client._cookies)
    with undone(scene.bus.database):
        found = who.client.open(address(route, scene), method=route.method, headers=headers, **sent)
    who.client._cookies = cookies
    return found


@contextmanager
def undone(database: Database) -> Iterator[None]:
    """Every transaction inside is a savepoint of one that is rolled back."""
    with database._writer.connect() as connection:
        outer = connection.begin()

        @contextmanager
        def inside() -> Iterator[Session]:
            with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
                yield session

        @contextmanager
        def write() -> Iterator[Session]:
            with inside() as session, session.begin():
                yield session

        database.read = database.snapshot = inside  # type: ignore[method-assign]
        database.write = write  # type: ignore[method-assign]
        try:
            yield
        finally:
            for name in ("read", "snapshot", "write"):
                database.__dict__.pop(name)
            outer.rollback()
