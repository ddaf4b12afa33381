"""A query string that a page cannot read is the reader's matter, never a fault of ours."""

from __future__ import annotations

from flask import Flask

from app.db.work import Bus
from tests.support.people import organisation, person, signed_in

UNREADABLE = (
    "/listings/?limit=zero",
    "/assets/?limit=-5",
    "/needs/?bbox=a,b,c,d",
    "/needs/?after=%25%25%25",
)


def test_an_unreadable_query_is_told_and_not_a_fault(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    answers = {address: client.get(address, headers={"Accept": "text/html"}).status_code for address in UNREADABLE}
    assert {address: code for address, code in answers.items() if code not in (400, 422)} == {}


def test_a_filter_that_cannot_be_read_is_told_beside_the_list(app: Flask, bus: Bus) -> None:
    """The list stands, as without that filter, and a note above it says what was not understood."""
    client = signed_in(app, person(bus, organisation(bus)))
    answer = client.get("/listings/?bbox=1,2,3", headers={"Accept": "text/html"})
    assert (answer.status_code, "alert-warn" in answer.text) == (200, True)
    assert "alert-warn" not in client.get("/listings/", headers={"Accept": "text/html"}).text
