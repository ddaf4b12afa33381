"""A query string that a page cannot read is the reader's matter, never a fault of ours."""

from __future__ import annotations

from flask import Flask

from app.db.work import Bus
from tests.support.people import organisation, person, signed_in

UNREADABLE = (
    "/listings/?limit=zero",
    "/listings/?bbox=1,2,3",
    "/assets/?limit=-5",
    "/needs/?bbox=a,b,c,d",
    "/needs/?after=%25%25%25",
)


def test_an_unreadable_query_is_told_and_not_a_fault(app: Flask, bus: Bus) -> None:
    client = signed_in(app, person(bus, organisation(bus)))
    answers = {address: client.get(address, headers={"Accept": "text/html"}).status_code for address in UNREADABLE}
    assert {address: code for address, code in answers.items() if code not in (400, 422)} == {}
