"""The first day of an organisation that has nothing: every list says what to do next, and leads there."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.db.work import Bus
from tests.support.people import PAGE, organisation, person, signed_in

NEXT = {  # list → where it leads who has nothing
    "/listings/?owner=mine": ("/imports/new?subject=listings", "/listings/new"),
    "/assets/": ("/imports/new?subject=listings", "/assets/new"),
    "/needs/?mine=1": ("/needs/new", "/imports/new?subject=needs", "/needs/lists"),
    "/requests/": ("/needs/?mine=1", "/listings/?owner=mine"),
    "/agreements/": ("/requests/",),
    "/imports": ("/imports/new?subject=listings", "/imports/new?subject=needs"),
    "/works?mine=1": ("/works/new",),
    "/cobuilding": ("/needs/?mine=1",),
    "/route-requests/": ("/routes",),
    "/routes": ("/needs/lists",),
    "/boards/owner": ("/imports/new?subject=listings",),
    "/boards/requester": ("/needs/lists",),
}


def empty_part(page: str) -> str:
    """What stands where the rows would be."""
    found = re.search(r'<div class="empty">.*?</div>\s*</div>', page, re.DOTALL)
    assert found is not None
    return found[0].replace("&amp;", "&")


def test_every_empty_list_leads_on(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus, sector="transport")))
    for path, steps in NEXT.items():
        page = client.get(path, headers=PAGE)
        assert page.status_code == 200, path
        part = empty_part(page.text)
        for step in steps:
            assert f'href="{step}"' in part, f"{path} leads to {step}"
            assert client.get(step, headers=PAGE).status_code == 200, step


@pytest.mark.parametrize(
    "path",
    ["/assets/?q=nothing", "/requests/?status=refused", "/agreements/?status=ended", "/listings/?kind=room", "/needs/?kind=room"],
)
def test_a_filter_that_leaves_nothing_is_not_a_first_day(app: Flask, bus: Bus, path: str) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    assert "fits these filters" in client.get(path, headers=PAGE).text


@pytest.mark.parametrize(
    ("path", "words"), [("/listings/", "Nothing is open yet."), ("/needs/", "Nobody has asked for anything yet.")]
)
def test_a_market_in_which_there_is_nothing_does_not_blame_a_filter(app: Flask, bus: Bus, path: str, words: str) -> None:
    assert words in empty_part(signed_in(app, person(bus, organisation(bus))).get(path, headers=PAGE).text)


def test_who_may_only_read_is_offered_no_step_that_is_refused(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus), "viewer"))
    for path in NEXT:
        page = client.get(path, headers=PAGE).text
        for step in re.findall(r'href="(/[^"#]*/new[^"]*)"', page):
            assert client.get(step.replace("&amp;", "&"), headers=PAGE).status_code == 200, f"{path} offers {step}"
