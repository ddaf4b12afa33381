"""A record that says the same in another way is a changed record: what is compared is what the database keeps."""

from __future__ import annotations

import pytest
from flask import Flask

from app.db.work import Bus
from tests.integration.audit.test_audit import MINE, SOMEBODY, emit, faults, unguarded


def equal(column: str, form: str) -> str:
    return f"UPDATE audit_record SET {column} = {form} WHERE chain = '{MINE}' AND position = 2"


# each says what the record said, in another way: what only reads the record sees nothing
ANOTHER_WAY_ON_SQLITE = {
    "blanks": equal("after", "replace(after, ': ', ':')"),
    "a blank at the end": equal("after", "after || ' '"),
    "the order of names": equal("after", """'{"status": "made", "limit": 1.5, "many": [1, {"b": 2, "a": null}]}'"""),
    "the order of names within": equal("after", """'{"limit": 1.5, "many": [1, {"b": 2, "a": null}], "status": "made"}'"""),
    "a letter escaped": equal("after", "replace(after, 'made', '\\u006dade')"),
    "a name twice": equal("after", """replace(after, '"limit"', '"limit": 9, "limit"')"""),
    "a number with more digits": equal("after", "replace(after, '1.5', '1.50')"),
    "a number with an exponent": equal("after", "replace(after, '1.5', '15e-1')"),
    "minus nothing": equal("after", "replace(after, '[1,', '[-0,')"),
    "JSON as bytes": equal("after", "CAST(after AS BLOB)"),
    "no JSON": equal("after", "'{'"),
    "a day alone": equal("effective_at", "substr(effective_at, 1, 23)"),
    "a T": equal("effective_at", "replace(effective_at, ' ', 'T')"),
    "a zone": equal("effective_at", "effective_at || '+00:00'"),
    "no instant": equal("recorded_at", "'yesterday'"),
    "text as bytes": equal("user_name", "CAST(user_name AS BLOB)"),
    "bytes that are no text": equal("user_name", "CAST(x'ff' AS TEXT)"),
    "a number as bytes": equal("user_id", "x'37'"),
    "half a number": equal("user_id", "7.5"),
    "a number as text": equal("user_id", "'seven'"),
    "the hash in capitals": equal("hash", "upper(hash)"),
    "the row's own number": equal("id", "1000000"),
}
ANOTHER_WAY_ON_POSTGRESQL = {
    "a number with more digits": equal("after", """'{"status": "made", "limit": 1.50, "many": [1, {"b": 2, "a": null}]}'"""),
    "the row's own number": equal("id", "1000000"),
}


@pytest.mark.parametrize("way", ANOTHER_WAY_ON_SQLITE)
def test_the_same_said_in_another_way_shows_and_says_where(app: Flask, bus: Bus, way: str) -> None:
    ways = ANOTHER_WAY_ON_SQLITE if bus.database.is_sqlite else ANOTHER_WAY_ON_POSTGRESQL
    if way not in ways:
        return  # PostgreSQL has one way to keep this
    said: dict[str, object] = {"status": "made", "limit": 1.5, "many": [1, {"b": 2, "a": None}]}
    emit(bus, SOMEBODY, "thing.made", "thing.edited", "thing.ended", after=said)
    emit(bus)
    assert faults(bus, app) == []
    unguarded(bus.database, ways[way])
    expected = 3 if way == "the row's own number" else 2  # the next one comes before it
    assert faults(bus, app)[:1] == [(MINE, expected, "changed")]
    assert {fault[0] for fault in faults(bus, app)} == {MINE}, "the other chain stands"


@pytest.mark.parametrize("position", ["x'32'", "'two'", "2.5"])
def test_a_place_that_cannot_be_read_shows(app: Flask, bus: Bus, position: str) -> None:
    if not bus.database.is_sqlite:
        return
    emit(bus, SOMEBODY, "thing.made", "thing.edited", "thing.ended")
    unguarded(bus.database, equal("position", position))
    assert faults(bus, app)[0][0] == MINE


def test_numbers_that_the_databases_write_in_their_own_way_are_recorded_in_one(app: Flask, bus: Bus) -> None:
    emit(bus, SOMEBODY, after={"n": [1.0, -0.0, 1e16, 1.5e300, 1e-7, 0.1, 2**70, -3], "z": {"b": 1, "a": 2}, "a": "½\u0001\n"})
    assert faults(bus, app) == []
