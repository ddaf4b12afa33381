"""Invitations, resets, leaving and ending: links work once and in time, and no organisation loses its last administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.members import Accept, EndMembership, Invite, Leave, accept, end_membership, invite, leave
from app.accounts.models import Membership, OneTimeToken, User
from app.accounts.people import DeactivatePerson, deactivate_person, deactivate_self
from app.accounts.resetting import AskReset, Reset, ask_reset, reset_password
from app.db.work import Bus
from app.kernel.actor import ANONYMOUS, Role
from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from tests.support.mail import link_in, mails
from tests.support.people import PAGE, PASSWORD, Made, actor, csrf, organisation, password_hash, person, post, signed_in

LINK = "http://host/invitation/"


def invited(
    bus: Bus, by: Made, to: Made, email: str = "new@example.com", role: str = "manager", regions: tuple[str, ...] = ()
) -> str:
    """The secret that the invitation's mail carries."""
    bus.execute(invite, actor(bus, by), Invite(to.ref, email, role, regions, LINK))
    return link_in(mails(bus, email)[-1]).rsplit("/", 1)[1]


def membership_of(bus: Bus, who: Made) -> str:
    with bus.database.read() as session:
        return session.scalars(select(Membership.ref).where(Membership.user_id == who.id, Membership.ended_at.is_(None))).one()


def refusal(bus: Bus, *call: object) -> str:
    with pytest.raises(DomainError) as caught:
        bus.execute(*call)  # type: ignore[arg-type]
    return caught.value.code


def test_an_invitation_is_mailed_accepted_and_used_up(app: Flask, bus: Bus) -> None:
    power = organisation(bus)
    admin = signed_in(app, person(bus, power))
    sent = post(
        admin,
        f"/organisations/{power.ref}/invitations",
        {"email": "New@Example.com", "role": "editor", "regions": "440300, 440100"},
    )
    assert sent.status_code == 303
    path = link_in(mails(bus, "new@example.com")[0])
    guest = app.test_client()
    page = guest.get(path, headers=PAGE)
    assert page.status_code == 200
    assert "City Power" in page.text
    weak = guest.post(path, data={"csrf_token": csrf(guest), "name": "", "password": "short"}, headers=PAGE)
    assert weak.status_code == 422
    joined = guest.post(path, data={"csrf_token": csrf(guest), "name": "New One", "password": PASSWORD}, headers=PAGE)
    assert joined.status_code == 303
    again = guest.post(path, data={"csrf_token": csrf(guest), "name": "Another", "password": PASSWORD}, headers=PAGE)
    assert again.status_code == 410
    assert guest.get(path, headers=PAGE).status_code == 410
    with bus.database.read() as session:
        user = session.scalars(select(User).where(User.email == "new@example.com")).one()
        held = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
        assert (held.role, held.regions) == ("editor", ["440100", "440300"])
        made = Made(user.id, user.ref, user.email)
    signed_in(app, made)


def test_the_secret_of_a_link_is_not_stored(bus: Bus) -> None:
    power = organisation(bus)
    secret = invited(bus, person(bus, power), power)
    with bus.database.read() as session:
        row = session.scalars(select(OneTimeToken)).one()
        assert secret not in (row.secret_hash, row.ref)
        assert len(row.secret_hash) == 64


def test_an_invitation_expires(bus: Bus, clock: FixedClock) -> None:
    power = organisation(bus)
    secret = invited(bus, person(bus, power), power)
    clock.advance(timedelta(days=7))
    assert refusal(bus, accept, ANONYMOUS, Accept(secret, "New", "en", password_hash())) == "link_unusable"


def test_an_account_that_exists_joins_and_keeps_its_password(app: Flask, bus: Bus) -> None:
    power, road = organisation(bus), organisation(bus, "City Road", sector="transport")
    who = person(bus, road, name="Han Mei")
    secret = invited(bus, person(bus, power), power, "han.mei@example.com")
    bus.execute(accept, ANONYMOUS, Accept(secret, "Mallory", "en", "a hash that must not be taken"))
    signed_in(app, who, PASSWORD)
    assert actor(bus, who, power).roles == {Role.MANAGER}
    assert actor(bus, who).name == "Han Mei"


@pytest.mark.parametrize("role", ["administrator", "evaluator", "officer", "emperor"])
def test_an_organisation_gives_no_role_of_the_platform_or_of_a_regulator(bus: Bus, role: str) -> None:
    power = organisation(bus)
    call = Invite(power.ref, "new@example.com", role, (), LINK)
    assert refusal(bus, invite, actor(bus, person(bus, power)), call) == "role_not_granted"


@pytest.mark.parametrize("role", ["manager", "editor", "viewer"])
def test_only_an_administrator_invites(bus: Bus, role: str) -> None:
    power = organisation(bus)
    assert (
        refusal(bus, invite, actor(bus, person(bus, power, role)), Invite(power.ref, "a@example.com", "viewer", (), LINK))
        == "forbidden"
    )


def test_the_people_of_another_organisation_are_not_there(app: Flask, bus: Bus) -> None:
    power, rival = organisation(bus), organisation(bus, "Rival", sector="telecom")
    inside = person(bus, rival, name="Secret Person")
    outsider = person(bus, power)
    assert refusal(bus, invite, actor(bus, outsider), Invite(rival.ref, "a@example.com", "viewer", (), LINK)) == "not_found"
    assert refusal(bus, end_membership, actor(bus, outsider), EndMembership(rival.ref, membership_of(bus, inside))) == "not_found"
    page = signed_in(app, outsider).get(f"/organisations/{rival.ref}", headers=PAGE)
    assert page.status_code == 200
    assert "Secret Person" not in page.text
    assert inside.name not in page.text


def test_a_membership_is_not_ended_through_another_organisation(bus: Bus) -> None:
    power, rival = organisation(bus), organisation(bus, "Rival", sector="telecom")
    inside = person(bus, rival, name="Han Mei")
    call = EndMembership(power.ref, membership_of(bus, inside))
    assert refusal(bus, end_membership, actor(bus, person(bus, power)), call) == "not_found"


def test_headquarters_reach_a_branch_and_a_branch_not_headquarters(bus: Bus) -> None:
    head = organisation(bus)
    branch = organisation(bus, "Branch", parent=head)
    chief, local = person(bus, head), person(bus, branch, name="Han Mei")
    bus.execute(invite, actor(bus, chief), Invite(branch.ref, "a@example.com", "viewer", (), LINK))
    assert refusal(bus, invite, actor(bus, local), Invite(head.ref, "a@example.com", "viewer", (), LINK)) == "not_found"


def test_the_last_administrator_stays(bus: Bus) -> None:
    power = organisation(bus)
    first, second = person(bus, power), person(bus, power, name="Han Mei")
    limited = person(bus, power, name="Only South", regions=("440000",))
    bus.execute(leave, actor(bus, second), Leave(power.ref))
    assert refusal(bus, leave, actor(bus, first), Leave(power.ref)) == "last_admin"
    assert refusal(bus, end_membership, actor(bus, first), EndMembership(power.ref, membership_of(bus, first))) == "last_admin"
    assert refusal(bus, deactivate_self, actor(bus, first), None) == "last_admin"
    bus.execute(leave, actor(bus, limited), Leave(power.ref))


def test_who_left_acts_no_longer(app: Flask, bus: Bus) -> None:
    power = organisation(bus)
    first, second = person(bus, power), person(bus, power, "editor", name="Han Mei")
    client = signed_in(app, second)
    bus.execute(end_membership, actor(bus, first), EndMembership(power.ref, membership_of(bus, second)))
    assert client.get("/account", headers=PAGE).status_code == 302
    assert signed_in(app, second).get("/account", headers=PAGE).status_code == 200, (
        "a person between organisations keeps the account"
    )


def test_only_the_platform_closes_accounts_of_others(bus: Bus) -> None:
    power = organisation(bus)
    platform = organisation(bus, "Platform", sector="other", kind="platform")
    root = person(bus, platform, Role.ADMINISTRATOR, name="Root")
    first, second = person(bus, power), person(bus, power, "editor", name="Han Mei")
    assert refusal(bus, deactivate_person, actor(bus, first), DeactivatePerson(second.ref)) == "forbidden"
    bus.execute(deactivate_person, actor(bus, root), DeactivatePerson(second.ref))
    assert refusal(bus, deactivate_person, actor(bus, root), DeactivatePerson(first.ref)) == "last_admin"
    assert refusal(bus, deactivate_self, actor(bus, root), None) == "last_admin"


def test_a_forgotten_password_is_reset_once_and_in_time(app: Flask, bus: Bus, clock: FixedClock) -> None:
    who = person(bus, organisation(bus))
    open_session = signed_in(app, who)
    guest = app.test_client()
    known = post(guest, "/password/forgotten", {"email": who.name}, page="/password/forgotten")
    unknown = post(guest, "/password/forgotten", {"email": "nobody@example.com"}, page="/password/forgotten")
    assert known.text == unknown.text
    assert mails(bus, "nobody@example.com") == []
    path = link_in(mails(bus, who.name)[0])
    assert guest.get(path, headers=PAGE).status_code == 200
    answer = guest.post(path, data={"csrf_token": csrf(guest), "password": "a fresh long password"}, headers=PAGE)
    assert answer.status_code == 303
    assert (
        guest.post(path, data={"csrf_token": csrf(guest), "password": "a fresh long password"}, headers=PAGE).status_code == 410
    )
    assert open_session.get("/account", headers=PAGE).status_code == 302
    signed_in(app, who, "a fresh long password")


def test_a_reset_expires_and_one_reset_closes_the_others(bus: Bus, clock: FixedClock) -> None:
    who = person(bus, organisation(bus))
    secrets = []
    for _ in range(2):
        bus.execute(ask_reset, ANONYMOUS, AskReset(who.name, "http://host/password/reset/"))
        secrets.append(link_in(mails(bus, who.name)[-1]).rsplit("/", 1)[1])
    bus.execute(reset_password, ANONYMOUS, Reset(secrets[0], password_hash()))
    assert refusal(bus, reset_password, ANONYMOUS, Reset(secrets[1], password_hash())) == "link_unusable"
    bus.execute(ask_reset, ANONYMOUS, AskReset(who.name, "http://host/password/reset/"))
    late = link_in(mails(bus, who.name)[-1]).rsplit("/", 1)[1]
    clock.advance(timedelta(hours=1))
    assert refusal(bus, reset_password, ANONYMOUS, Reset(late, password_hash())) == "link_unusable"


def test_an_invitation_does_not_reset_a_password(bus: Bus) -> None:
    power = organisation(bus)
    secret = invited(bus, person(bus, power), power)
    assert refusal(bus, reset_password, ANONYMOUS, Reset(secret, password_hash())) == "link_unusable"
