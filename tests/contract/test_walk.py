"""Every route × method × visitor: the exact status. Computed from docs/permissions.md, the reviewed table of routes (walk/routes.csv) and
the facts of the scene; no code of the product is asked what it would answer.

A route that names another action than the table, one that the table lacks, and a policy that is opened or lost, fail here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.db.work import Bus
from app.kernel.clock import FixedClock
from app.web.limits import limiter
from app.web.policy import policy_of
from tests.contract.test_permissions import Row, written
from tests.contract.walk import judge, scene, sending

BOTH = ("anonymous", "own manager", "own viewer", "other's admin", "granted", "expired grant", "administration", "token to read")


def test_the_table_has_every_route_with_its_action(app: Flask) -> None:
    """Review what it says of a new route before it is written down: whose object it is, and what is answered to whom."""
    declared = {
        (method, rule.rule, policy_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    known = {(route.method, route.path, route.action) for route in judge.routes()}
    assert sorted(map(str, declared - known)) == [], "not in tests/contract/walk/routes.csv"
    assert sorted(map(str, known - declared)) == [], "in tests/contract/walk/routes.csv, and not declared so"


@pytest.mark.slow
def test_exact_statuses(app: Flask, bus: Bus, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on SQLite; on PostgreSQL those who differ most, since the policies are the same."""
    made = scene.build(app, bus, clock)
    if not bus.database.is_sqlite:
        made = replace(made, visitors={name: made.visitors[name] for name in BOTH})
    monkeypatch.setattr(limiter, "enabled", False)
    wrong = list(complaints(made))
    assert not wrong, "\n".join(wrong)


def complaints(made: scene.Scene) -> Iterator[str]:
    rows, required = written(), sending.required_of(made)
    for route in judge.routes():
        for name, who in made.visitors.items():
            wanted = judge.expected(rows, route, name, who, made.things.get(route.thing))
            answered = sending.status(made, route, who, required)
            if answered != wanted:
                yield f"{name}: {route.method} {route.path} ({route.action}) → {answered}, not {wanted}"


def test_a_policy_that_is_lost_or_opened_changes_what_is_expected() -> None:
    """Of each action that a route names: opened to everybody, somebody would be expected to pass whom the table turns away."""
    rows = written()
    nobody = scene.Visitor(client=None)  # type: ignore[arg-type]
    thing = scene.Thing("x", owner=1)
    for route in judge.routes():
        open_ = {**rows, route.action: Row(frozenset({"anyone"}), None, None, None, rows[route.action].scope)}
        before = judge.expected(rows, route, "", nobody, thing)
        after = judge.expected(open_, route, "", nobody, thing)
        assert before != after or "anyone" in rows[route.action].relations or before == route.answer, route
        with pytest.raises(KeyError):
            judge.expected({name: row for name, row in rows.items() if name != route.action}, route, "", nobody, thing)
