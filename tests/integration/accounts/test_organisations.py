"""Organisations by page, API and command: the administrator's list, editing by version, the tree, competences, deactivation."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import CompetenceGrant, Organisation, User
from app.accounts.organisations import EditOrganisation, Governed, SetStatus, edit, set_status
from app.db.work import Bus
from app.kernel.errors import DomainError
from tests.support.people import PAGE, Made, actor, bearer, made_token, organisation, person, post, signed_in

FORM = {
    "name": "New Power",
    "name_zh": "新电力",
    "sector": "power",
    "kind": "company",
    "profile": "cn-default",
    "home_region": "440300",
}


@pytest.fixture
def root(bus: Bus) -> Made:
    """The platform's administrator."""
    return person(bus, organisation(bus, "Platform", sector="other", kind="platform"), "administrator", name="Root")


def test_the_administrator_adds_finds_and_edits_an_organisation(app: Flask, bus: Bus, root: Made) -> None:
    browser = signed_in(app, root)
    assert browser.get("/organisations/new", headers=PAGE).status_code == 200
    wrong = post(browser, "/organisations/new", {**FORM, "name": " ", "sector": "magic", "home_region": "Shenzhen"})
    assert wrong.status_code == 422
    made = post(browser, "/organisations/new", FORM)
    assert made.status_code == 303
    path = made.headers["Location"]
    assert browser.get(path, headers=PAGE).status_code == 200
    assert "New Power" in browser.get("/organisations?q=新电", headers=PAGE).text
    assert "New Power" not in browser.get("/organisations?q=zzz", headers=PAGE).text
    assert browser.get(f"{path}/edit", headers=PAGE).status_code == 200
    saved = post(browser, f"{path}/edit", {**FORM, "name": "Newer Power", "version": "1"})
    assert saved.status_code == 303
    stale = post(browser, f"{path}/edit", {**FORM, "name": "Newest Power", "version": "1"})
    assert stale.status_code == 412


def test_the_list_is_paged_both_ways(app: Flask, bus: Bus, root: Made) -> None:
    names = [f"Company {n:02}" for n in range(7)]
    for name in names:
        organisation(bus, name)
    client, header = app.test_client(), bearer(made_token(bus, root))

    def page(address: str) -> dict[str, Any]:
        answer = client.get(address, headers=header)
        assert answer.json is not None
        return answer.json

    first = page("/api/v1/organisations?q=Company&limit=3")
    second = page(first["next"])
    third = page(second["next"])
    assert [row["name"] for part in (first, second, third) for row in part["results"]] == names
    assert (first["count"], first["previous"], third["next"]) == (7, None, None)
    assert page(third["previous"])["results"] == second["results"]
    assert page(page(third["previous"])["previous"])["results"] == first["results"]


def test_a_percent_sign_is_searched_as_itself(app: Flask, bus: Bus, root: Made) -> None:
    organisation(bus, "Plain")
    organisation(bus, "100% Green")
    answer = app.test_client().get("/api/v1/organisations", query_string={"q": "%"}, headers=bearer(made_token(bus, root)))
    assert [row["name"] for row in answer.json["results"]] == ["100% Green"]


def test_an_organisation_changes_its_names_and_not_its_nature(app: Flask, bus: Bus) -> None:
    power = organisation(bus)
    admin = person(bus, power)
    browser = signed_in(app, admin)
    assert browser.get(f"/organisations/{power.ref}/edit", headers=PAGE).status_code == 200
    assert (
        post(
            browser, f"/organisations/{power.ref}/edit", {**FORM, "sector": "telecom", "kind": "authority", "version": "1"}
        ).status_code
        == 303
    )
    with bus.database.read() as session:
        row = session.get_one(Organisation, power.id)
        assert (row.name, row.sector, row.kind, row.version) == ("New Power", "power", "company", 2)
    with pytest.raises(DomainError, match="role does not allow"):
        bus.execute(
            edit, actor(bus, admin), EditOrganisation(power.ref, 2, "X", governed=Governed("telecom", "authority", "cn-default"))
        )


@pytest.mark.parametrize("path", ["/organisations", "/organisations/new"])
def test_the_administrators_pages_are_closed_to_others(app: Flask, bus: Bus, path: str) -> None:
    assert signed_in(app, person(bus, organisation(bus))).get(path, headers=PAGE).status_code == 403


def test_another_organisation_is_not_edited(app: Flask, bus: Bus) -> None:
    rival = organisation(bus, "Rival", sector="telecom")
    who = person(bus, organisation(bus))
    assert signed_in(app, who).get(f"/organisations/{rival.ref}/edit", headers=PAGE).status_code == 403
    answer = app.test_client().put(
        f"/api/v1/organisations/{rival.ref}",
        json={"name": "Mine", "sector": "power"},
        headers={**bearer(made_token(bus, who, "write")), "If-Match": '"1"'},
    )
    assert answer.status_code == 403


def test_the_api_asks_for_the_version(app: Flask, bus: Bus, root: Made) -> None:
    power = organisation(bus)
    client, header = app.test_client(), bearer(made_token(bus, root, "write"))
    body = {"name": "Renamed", "sector": "power"}
    path = f"/api/v1/organisations/{power.ref}"
    assert client.put(path, json=body, headers=header).status_code == 428
    tag = client.get(path, headers=header).headers["ETag"]
    changed = client.put(path, json=body, headers={**header, "If-Match": tag})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert client.put(path, json=body, headers={**header, "If-Match": tag}).status_code == 412


def test_the_same_post_twice_adds_one_organisation(app: Flask, bus: Bus, root: Made) -> None:
    client, header = app.test_client(), {**bearer(made_token(bus, root, "write")), "Idempotency-Key": "k-1"}
    answers = [client.post("/api/v1/organisations", json={"name": "Once", "sector": "power"}, headers=header) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    with bus.database.read() as session:
        assert len(session.scalars(select(Organisation).where(Organisation.name == "Once")).all()) == 1


def test_no_organisation_stands_below_itself(bus: Bus, root: Made) -> None:
    head = organisation(bus, "Head")
    branch = organisation(bus, "Branch", parent=head)
    for parent in (head, branch):
        with pytest.raises(DomainError, match="below itself"):
            bus.execute(
                edit,
                actor(bus, root),
                EditOrganisation(head.ref, 1, "Head", governed=Governed("power", "company", "cn-default", parent.ref)),
            )


def test_the_administrator_edits_competences(app: Flask, bus: Bus, root: Made) -> None:
    office = organisation(bus, "Office", sector="telecom", kind="authority")
    browser = signed_in(app, root)
    path = f"/organisations/{office.ref}/competences"
    assert post(browser, path, {"authority": "communications", "level": "province", "regions": ""}).status_code == 422
    granted = post(
        browser, path, {"authority": "sector", "level": "province", "sectors": ["power", "transport"], "regions": "440000 450000"}
    )
    assert granted.status_code == 303
    page = browser.get(f"/organisations/{office.ref}", headers=PAGE).text
    assert "Guangdong, Guangxi" in page
    with bus.database.read() as session:
        ref = session.scalars(select(CompetenceGrant.ref)).one()
    assert post(browser, f"{path}/{ref}/end").status_code == 303
    with bus.database.read() as session:
        assert session.scalars(select(CompetenceGrant)).all() == []


def test_nobody_acts_for_a_deactivated_organisation_until_it_is_taken_back(app: Flask, bus: Bus, root: Made) -> None:
    power = organisation(bus)
    person(bus, power)
    browser = signed_in(app, root)
    assert post(browser, f"/organisations/{power.ref}/status", {"status": "deactivated"}).status_code == 303
    guest = app.test_client()
    refused = post(guest, "/sign-in", {"email": "li.wei@example.com", "password": "correct horse battery"}, page="/sign-in")
    assert refused.status_code == 422
    assert post(browser, f"/organisations/{power.ref}/status", {"status": "active"}).status_code == 303
    admitted = post(guest, "/sign-in", {"email": "li.wei@example.com", "password": "correct horse battery"}, page="/sign-in")
    assert admitted.status_code == 303


def test_the_platform_does_not_lock_itself_out(bus: Bus, root: Made) -> None:
    administrator = actor(bus, root)
    with pytest.raises(DomainError, match="last administrator"):
        bus.execute(set_status, administrator, SetStatus(administrator.organisation_ref or "", "deactivated"))


def test_the_commands_make_what_an_operator_needs_first(app: Flask, bus: Bus) -> None:
    run = app.test_cli_runner().invoke
    made = run(
        args=["accounts", "create-admin", "--email", "Root@Example.com", "--name", "Root"], input="correct horse battery\n" * 2
    )
    assert made.exit_code == 0, made.output
    added = run(
        args=[
            "accounts",
            "create-organisation",
            "--name",
            "City Power",
            "--sector",
            "power",
            "--admin-email",
            "li@example.com",
            "--admin-name",
            "Li",
        ],
        input="correct horse battery\n" * 2,
    )
    assert added.exit_code == 0, added.output
    token = run(
        args=["accounts", "create-token", "--email", "li@example.com", "--organisation", "City Power", "--scope", "write"]
    )
    assert app.test_client().get("/api/v1/me", headers=bearer(token.output.strip())).status_code == 200
    again = run(
        args=["accounts", "create-admin", "--email", "root@example.com", "--name", "Root"], input="correct horse battery\n" * 2
    )
    assert again.exit_code == 1
    assert "already" in again.output
    taken = ["--name", "Metro", "--sector", "transport", "--admin-email", "li@example.com"]
    refused = run(args=["accounts", "create-organisation", *taken], input="correct horse battery\n" * 2)
    assert "already" in refused.output
    foreign = run(args=["accounts", "create-token", "--email", "li@example.com", "--organisation", "Platform operator"])
    assert "cannot act for" in foreign.output
    with bus.database.read() as session:
        assert session.scalars(select(User.email).order_by(User.id)).all() == ["root@example.com", "li@example.com"]
        made = session.scalars(select(Organisation.name).order_by(Organisation.id)).all()
        assert made == ["Platform operator", "City Power"], "nothing is made for an administrator who cannot be"
