"""Documents on an asset are its owner's alone."""

from __future__ import annotations

from io import BytesIO

from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.db.work import Bus
from tests.support import places
from tests.support.people import bearer, made_token, organisation, person


def test_the_documents_of_an_asset_are_its_owners(client: FlaskClient, bus: Bus) -> None:
    power, rival = organisation(bus), organisation(bus, "Rival", sector="telecom")
    with bus.database.write() as session:
        ref = places.asset(session, session.get_one(Organisation, power.id)).ref
    owner, viewer = (
        bearer(made_token(bus, person(bus, power, role, name=f"The {role}"), "write")) for role in ("editor", "viewer")
    )
    stranger = bearer(made_token(bus, person(bus, rival, name="Spy"), "write"))

    def send(header: dict[str, str]) -> int:
        form = {"subject_type": "asset", "subject": ref, "file": (BytesIO(b"%PDF-1.7"), "load test.pdf")}
        return client.post("/api/v1/attachments", data=form, headers=header).status_code

    def read(header: dict[str, str]) -> int:
        return client.get(
            "/api/v1/attachments", query_string={"subject_type": "asset", "subject": ref}, headers=header
        ).status_code

    assert [send(header) for header in (owner, viewer, stranger)] == [201, 403, 404]
    assert [read(header) for header in (owner, viewer, stranger)] == [200, 200, 404]
