"""A needs list has its own text, days, kinds, fields that an entry must state and organisations that it invites: the server keeps to
them, whichever way an entry comes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Organisation
from app.kernel.clock import FixedClock
from app.needs.models import Need
from app.notices.models import Notice
from tests.integration.needs.test_form import NEED, summary
from tests.integration.needs.test_rounds import rounds
from tests.support import people
from tests.support.asking import ALTERNATIVE, Region, asked, move, need_body, opened, pointers

ASKS = {"asks": "Sites for line 14.\n\nTowers and rooms.", "asks_zh": "14 号线沿线站址。", "publishes_on": "2026-09-10"}


def org(region: Region, name: str) -> str:
    with region.bus.database.read() as session:
        return session.scalars(select(Organisation.ref).where(Organisation.id == region.ids[name])).one()


def enter(who: Any, list_ref: str, **more: Any) -> Any:
    return who.post("/api/v1/needs", json=need_body(list_ref, **{"submit": True, **more}))


def told(region: Region, code: str) -> set[int]:
    with region.bus.database.read() as session:
        return set(session.scalars(select(Notice.organisation_id).where(Notice.code == code)))


def test_a_list_says_what_it_asks_for_in_both_languages(region: Region) -> None:
    ref = opened(region, **ASKS, kinds=["tower", "room"], must_state=["latest_start", "tower.load_kg"])
    seen = region.carrier.get(f"/api/v1/needs-lists/{ref}").json
    assert {name: seen[name] for name in ASKS} == ASKS
    assert (seen["kinds"], seen["must_state"], seen["audience"]) == (["tower", "room"], ["latest_start", "tower.load_kg"], "all")
    page = region.carrier.get(f"/needs/lists/{ref}", headers=people.PAGE).text
    for words in ("Sites for line 14.", "10 Sep 2026", "Towers, Machine rooms", "Latest start, Tower: "):
        assert words in page, words
    region.carrier.set_cookie("language", "zh_CN")
    page = region.carrier.get(f"/needs/lists/{ref}", headers=people.PAGE).text
    for words in ("14 号线沿线站址。", "2026年9月10日", "塔桅、机房"):
        assert words in page, words


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"publishes_on": "2026-08-31"}, "/publishes_on"),
        ({"kinds": ["castle"]}, "/kinds"),
        ({"must_state": ["colour"]}, "/must_state"),
        ({"kinds": ["room"], "must_state": ["tower.load_kg"]}, "/must_state"),
        ({"audience": "friends"}, "/audience"),
        ({"audience": "invited"}, "/organisations"),
        ({"organisations": ["0" * 13]}, "/organisations"),
    ],
)
def test_what_a_list_cannot_ask_is_told_at_its_field(region: Region, given: dict[str, Any], field: str) -> None:
    body = {"region": "440000", "name": "X", "opens_on": "2026-06-01", "closes_on": "2026-09-01"}
    answer = region.administration.post("/api/v1/needs-lists", json=body | given)
    assert (answer.status_code, pointers(answer)) == (422, {field})
    if "organisations" not in given and field != "/organisations":
        address = f"/api/v1/needs-lists/{region.list_ref}"
        del body["region"]
        answer = region.administration.put(address, json=body | given, headers={"If-Match": '"1"'})
        assert (answer.status_code, pointers(answer)) == (422, {field})


def test_a_kind_that_is_not_asked_for_stays_out_even_as_a_draft(region: Region) -> None:
    ref = opened(region, kinds=["room"])
    for submit in (True, False):
        answer = enter(region.carrier, ref, submit=submit)
        assert (answer.status_code, pointers(answer)) == (422, {"/kind"})
        assert "Machine rooms" in str(answer.json)
    room = enter(region.carrier, ref, kind="room", requirements={"rack_units": 4}, submit=False)
    version = {"If-Match": '"1"'}
    tower = {k: v for k, v in need_body(ref).items() if k != "needs_list"}
    edited = region.carrier.put(f"/api/v1/needs/{room.json['id']}", json=tower, headers=version)
    assert (edited.status_code, pointers(edited)) == (422, {"/kind"})


def test_what_must_be_stated_is_asked_when_an_entry_enters_and_not_of_a_draft(region: Region) -> None:
    must = [
        "owner_ref",
        "latest_start",
        "minimum_term_months",
        "budget_minor",
        "alternative.cost_minor",
        "alternative.days",
        "note",
    ]
    ref = opened(region, must_state=[*must, "tower.load_kg", "room.backup_min"])
    bare = {"budget_minor": None, "alternative": {"description": "A pole"}, "requirements": {"mounts": 1, "height_m": 20}}
    expected = {"/" + name.replace(".", "/") for name in must} | {"/requirements/load_kg"}
    answer = enter(region.carrier, ref, **bare)
    assert (answer.status_code, pointers(answer)) == (422, expected)
    draft = enter(region.carrier, ref, **bare, submit=False)
    assert draft.status_code == 201
    sent = move(region.carrier, draft.json["id"], "submit")
    assert (sent.status_code, pointers(sent)) == (422, expected)
    stated = {
        "owner_ref": "N-1",
        "latest_start": "2027-06-01",
        "minimum_term_months": 12,
        "note": "At the exit",
        "alternative": ALTERNATIVE,
    }
    assert enter(region.carrier, ref, **stated).status_code == 201


def test_only_those_invited_enter_a_list_by_invitation(region: Region) -> None:
    ref = opened(region, name="By invitation", audience="invited", organisations=[org(region, "carrier")])
    with region.bus.database.read() as session:
        notices = session.scalars(select(Notice).where(Notice.code == "needs_list.opened").order_by(Notice.id)).all()
    assert [row.organisation_id for row in notices if row.subject_ref == ref] == [region.ids["carrier"]]
    assert enter(region.carrier, ref).status_code == 201
    for submit in (True, False):
        refused = enter(region.rival, ref, submit=submit)
        assert (refused.status_code, refused.json["code"], pointers(refused)) == (409, "list_by_invitation", {"/needs_list"})
    seen = {who: getattr(region, who).get(f"/api/v1/needs-lists/{ref}").json["open_to_you"] for who in ("carrier", "rival")}
    assert seen == {"carrier": True, "rival": False}
    names = {who: getattr(region, who).get("/needs/new?kind=tower", headers=people.PAGE).text for who in ("carrier", "rival")}
    assert ("By invitation" in names["carrier"], "By invitation" in names["rival"]) == (True, False)
    page = region.rival.get(f"/needs/lists/{ref}", headers=people.PAGE).text
    assert "takes entries only from those it invites" in page
    assert f"/needs/new?needs_list={ref}" not in page
    invited = {"organisations": [org(region, "rival")]}
    assert region.administration.post(f"/api/v1/needs-lists/{ref}/invitations", json=invited).json == {"count": 1}
    assert enter(region.rival, ref).status_code == 201
    assert told(region, "needs_list.invited") == {region.ids["rival"]}


def test_an_invitation_holds_for_those_below(region: Region) -> None:
    with region.bus.database.write() as session:
        session.get_one(Organisation, region.ids["carrier"]).parent_id = region.ids["city"]
    ref = opened(region, audience="invited", organisations=[org(region, "city")])
    assert enter(region.carrier, ref).status_code == 201
    assert enter(region.rival, ref).status_code == 409
    assert region.carrier.get(f"/api/v1/needs-lists/{ref}").json["open_to_you"] is True


def test_carrying_over_keeps_to_what_the_next_list_asks(region: Region) -> None:
    ref = asked(region)
    for asks, code, field in (
        ({"kinds": ["room"]}, "invalid", "/kind"),
        ({"must_state": ["owner_ref"]}, "invalid", "/owner_ref"),
        ({"audience": "invited", "organisations": [org(region, "rival")]}, "list_by_invitation", "/needs_list"),
    ):
        answer = move(region.administration, ref, "carry-over", needs_list=opened(region, **asks))
        assert (answer.json["code"], pointers(answer)) == (code, {field})


def test_what_is_in_the_list_stays_when_it_asks_for_more(region: Region) -> None:
    ref, draft = asked(region), asked(region, submit=False, title="Half an idea")
    body = {"name": "Autumn", "opens_on": "2026-06-01", "closes_on": "2026-09-01", "must_state": ["owner_ref"]}
    address = f"/api/v1/needs-lists/{region.list_ref}"
    assert region.administration.put(address, json=body, headers={"If-Match": '"1"'}).status_code == 200
    assert pointers(move(region.carrier, draft, "submit")) == {"/owner_ref"}
    with region.bus.database.read() as session:
        assert session.scalars(select(Need.status).where(Need.ref == ref)).one() == "submitted"


def test_an_announced_day_of_publishing_protects_the_time_to_enter(region: Region, clock: FixedClock) -> None:
    ref = opened(region, **ASKS)
    early = rounds(region, ref, "publish")
    assert (early.status_code, early.json["code"]) == (409, "round_collects_still")
    page = people.post(region.administration, f"/needs/lists/{ref}/publish", {}, page=f"/needs/lists/{ref}")
    assert page.status_code == 303
    assert "Publish it from that day on" in region.administration.get(f"/needs/lists/{ref}", headers=people.PAGE).text
    clock.instant = clock.instant.replace(month=9, day=2)
    tasks = region.administration.get("/api/v1/tasks").json["results"]
    assert {one["id"]: one["due_on"] for one in tasks if one["kind"] == "needs_list.publish"}[ref] == "2026-09-10"
    assert rounds(region, ref, "publish").status_code == 200


def test_the_form_opens_a_list_and_says_what_is_wrong_beside_each_field(region: Region) -> None:
    given = {
        "region": "440000",
        "name": "Line 14",
        "name_zh": "14 号线",
        "opens_on": "2026-06-01",
        "closes_on": "2026-09-01",
        "publishes_on": "2026-08-01",
        "audience": "invited",
        "kinds": "",
    }
    answer = people.post(region.administration, "/needs/lists/new", given, page="/needs/lists/new")
    assert (answer.status_code, 'id="e-kinds"' in answer.text) == (422, True)
    given |= {"kinds": "tower"}
    answer = people.post(region.administration, "/needs/lists/new", given, page="/needs/lists/new")
    assert answer.status_code == 422
    for name in ("publishes_on", "organisations"):
        assert f'id="e-{name}"' in answer.text, name
    given |= {"publishes_on": "2026-09-05", "organisations": org(region, "carrier"), "must_state": "budget_minor"}
    answer = people.post(region.administration, "/needs/lists/new", given, page="/needs/lists/new")
    assert answer.status_code == 303
    form = region.administration.get(answer.headers["Location"] + "/edit", headers=people.PAGE).text
    assert 'value="2026-09-05"' in form
    assert 'value="budget_minor" checked' in form
    assert 'value="room" checked' not in form


def test_the_form_of_a_need_shows_what_its_list_asks(region: Region) -> None:
    ref = opened(region, name="Line 14", **ASKS, kinds=["tower"], must_state=["budget_minor", "tower.load_kg"])
    page = region.carrier.get(f"/needs/new?kind=tower&needs_list={ref}", headers=people.PAGE).text
    assert "Sites for line 14." in page
    for name in ("budget", "requirements.load_kg"):
        assert " required" in page.split(f'id="f-{name}"')[1].split(">")[0], name
    assert " required" not in page.split('id="f-note"')[1].split(">")[0]
    room = region.carrier.get("/needs/new?kind=room", headers=people.PAGE).text
    assert "Line 14" not in room
    given = NEED | {"needs_list": ref, "title": "", "budget": "", "submit": "1"}
    answer = people.post(region.carrier, "/needs/new", given, page="/needs/new?kind=tower")
    assert answer.status_code == 422
    assert set(summary(answer.text)) == {"title", "budget", "requirements.load_kg"}
    answer = people.post(region.carrier, "/needs/new", given | {"budget": "much"}, page="/needs/new?kind=tower")
    assert "Give an amount of money." in answer.text
