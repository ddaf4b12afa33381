"""Whatever a program sends, it is told which field is wrong: no extreme of any field of any operation is a server's error, is
refused by the database instead of by us, or is refused without saying where."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.db.work import Bus
from app.kernel.errors import DomainError
from app.web.limits import limiter
from app.web.openapi import PREFIX
from app.web.pagination import pack, unpack
from tests.contract.test_openapi import Maker, operations
from tests.support import programs as by

MOST_BYTES = 20_000  # of an answer that refuses
EXTREMES = (2**63, -(2**63) - 1, 10**30, 1e308, -1e308, "x" * 100_000, "a\x00b", "\ud800", [[]] * 2000)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    return found


class Plain(Maker):
    """Only what the schema asks for, and nothing odd: the first of every choice."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document, 0)
        self.dice = Level()


class Level(random.Random):
    """Neither odd (never below 0.08) nor optional (never below 0.4)."""

    def random(self) -> float:
        return 0.5

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def randrange(self, *args: Any, **kwargs: Any) -> int:
        return int(args[0])


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """(path, method, schema of the JSON body, a plain body)"""
    schemas = document["components"]["schemas"]
    for path, method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            schema = content["schema"]
            schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            yield path, method, schema, Plain(document).value(schema)


def concrete(path: str) -> str:
    return "/".join("0" * 13 if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.slow
def test_every_extreme_of_every_field_is_refused_by_name(
    app: Flask, bus: Bus, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    programs, wrong, asked = by.shenzhen(app, bus), [], 0
    with capture_logs() as logs:
        for path, method, schema, plain in bodies(document):
            for name in schema.get("properties", {}):
                for extreme in EXTREMES:
                    answer = programs.owner.client.open(
                        concrete(path), method=method.upper(), json={**plain, name: extreme}, headers={"If-Match": '"1"'}
                    )
                    asked += 1
                    named = [place.get("pointer", "") for place in (answer.json or {}).get("errors", ())]
                    fits = answer.status_code in (403, 404) or any(place.startswith(f"/{name}") for place in named)
                    if answer.status_code not in (403, 404, 422) or not fits:
                        wrong.append(f"{method} {path} {name}={str(extreme)[:20]} → {answer.status_code} {answer.text[:200]}")
                    if len(answer.data) > MOST_BYTES:
                        wrong.append(f"{method} {path} {name}={str(extreme)[:20]} → {len(answer.data)} bytes")
    wrong += [str(log)[:200] for log in logs if log["event"] in ("unstorable", "unexpected", "integrity")]
    assert not wrong, "\n".join([f"{len(wrong)} of {asked}", *wrong[:30]])
    assert asked > 1500


@pytest.mark.parametrize(
    ("body", "pointer"),
    [("[" * 100_000, ""), ('{"kind":' + "[" * 200 + "]" * 200 + "}", "/kind"), ('{"kind":' * 200 + "1" + "}" * 200, "/kind")],
)
def test_what_is_nested_without_end_is_refused(app: Flask, bus: Bus, body: str, pointer: str) -> None:
    answer = by.shenzhen(app, bus).owner.client.post(f"{PREFIX}/listings", data=body, content_type="application/json")
    assert (answer.status_code, [place["pointer"] for place in answer.json["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    "headers",
    [{"If-Match": "²"}, {"If-Match": '"' + "9" * 5000 + '"'}, {"If-Match": '"1"', "Idempotency-Key": "k" * 121}],
)
def test_odd_headers_are_refused(app: Flask, bus: Bus, headers: dict[str, str]) -> None:
    owner = by.shenzhen(app, bus).owner
    answer = owner.client.post(f"{PREFIX}/listings/{'0' * 13}/publish", headers=headers)
    assert answer.status_code in (400, 412)
    assert answer.mimetype == "application/problem+json"


LISTS = ("listings", "assets", "needs", "access-requests", "agreements", "approvals", "organisations", "notices", "imports")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_that_we_did_not_write_is_refused(app: Flask, bus: Bus, name: str) -> None:
    client = by.shenzhen(app, bus).administration.client
    for key in (b"[]", b'["x"]', b'["2026-01-01",1,2,3]', b"[null]", b"{}", b"[1e999]", b"\xff"):
        for direction in ("after", "before"):
            cursor = base64.urlsafe_b64encode(b"123456789" + key).decode()
            assert client.get(f"{PREFIX}/{name}", query_string={direction: cursor}).status_code == 400
    for limit in ("²", "9" * 5000, "-1", "0", "1001", "1.5"):
        assert client.get(f"{PREFIX}/{name}", query_string={"limit": limit}).status_code in (400, 422)


def test_a_cursor_of_another_list_or_order_is_refused(app: Flask, bus: Bus) -> None:
    from tests.integration.main_job.test_tower_by_api import LISTING

    owner = by.shenzhen(app, bus).owner
    for number in range(3):
        owner.send("/listings", {**LISTING, "asset": {**LISTING["asset"], "name": f"T{number}"}}, status=201)
    following = owner.get("/listings?owner=mine&limit=1&sort=title")["next"]
    assert owner.client.get(following).status_code == 200
    assert owner.client.get(following.replace("sort=title", "sort=price")).status_code == 400
    other = owner.get("/listings?owner=mine&limit=1")["next"]
    assert owner.client.get(other.replace("/listings", "/assets")).status_code == 400


def test_a_cursor_says_nothing_of_how_many_rows_there_are(app: Flask, bus: Bus) -> None:
    """In it are numbers of rows, which count what everybody has."""
    with app.test_request_context("/api/v1/listings"):
        for key in (("2026-01-01", 7), (1, 2), ("A tower", 123456)):
            cursor = pack(key)
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            assert unpack(cursor) == key
            assert str(key[1]).encode() not in raw
            assert b"[" + str(key[0]).encode()[:3] not in raw
            assert pack(key) == cursor
        assert len({len(pack(("2026-01-01", number))) for number in (1, 20, 300)}) == 1
        for at in range(len(raw)):
            with pytest.raises(DomainError):
                unpack(base64.urlsafe_b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
def test_anything_at_all_is_answered(app: Flask, bus: Bus, document: dict[str, Any]) -> None:
    """Bodies that keep to no schema, and plain bodies with anything in one field."""
    programs = by.shenzhen(app, bus)
    known = list(bodies(document))

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        path, method, schema, plain = data.draw(st.sampled_from(known))
        names = sorted(schema.get("properties", {})) or ["x"]
        body = data.draw(JSON | st.builds(lambda name, value: {**plain, name: value}, st.sampled_from(names), JSON))
        answer = programs.administration.client.open(
            concrete(path), method=method.upper(), json=body, headers={"If-Match": '"1"'}
        )
        assert answer.status_code < 500, (method, path, body, answer.text)
        assert answer.status_code < 300 or answer.mimetype == "application/problem+json"

    run()
