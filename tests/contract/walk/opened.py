"""Who is turned away by which policy, and what is answered when that one is opened or lost: asked of the running application.

Which requests a policy turns away is derived: those that the judge, reading docs/permissions.md, would answer otherwise if the
policy's row were the open one. Where no route leads to it, a probe says how it is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from structlog.testing import capture_logs

from app.kernel.permission import ALL_ROLES, REGISTRY, Policy, Relation
from tests.contract.test_permissions import OTHERS, Row, written
from tests.contract.walk import judge, sending
from tests.contract.walk.probes import PROBES, Asker, Probe
from tests.contract.walk.scene import Scene

ROLES = "to every role"
TRIES = 40  # requests at most that are sent for one way of opening one policy


@dataclass(frozen=True)
class Way:
    """One way in which a policy may be too open: its row in the document, and its declaration."""

    name: str
    row: Row
    rule: Policy


@dataclass(frozen=True)
class Known:
    """A request, and what is answered to it as long as the policy stands."""

    send: Callable[[], Any]
    answer: Any


def ways(row: Row, rule: Policy) -> Iterator[Way]:
    """Opened to everybody who is signed in; what is open to them, to everybody and every token. And to every role."""
    if "anyone" in row.relations:
        return
    if row.relations == {"signed_in"} and row.roles is None and row.states is None:
        yield Way(
            "to everybody",
            replace(row, relations=frozenset({"anyone"}), scope="read"),
            replace(rule, relations=frozenset({Relation.ANYONE}), scope="read"),
        )
        return
    yield Way(
        "to everybody who is signed in",
        replace(row, relations=frozenset({"signed_in"}), roles=None, states=None),
        replace(rule, relations=frozenset({Relation.SIGNED_IN}), roles=ALL_ROLES, states=None),
    )
    if row.roles is not None:
        yield Way(ROLES, replace(row, roles=None), replace(rule, roles=ALL_ROLES))


@contextmanager
def instead(name: str, rule: Policy | None) -> Iterator[None]:
    """Another policy in the place of `name`, or none."""
    kept = REGISTRY.pop(name)
    if rule is not None:
        REGISTRY[name] = rule
    try:
        yield
    finally:
        REGISTRY[name] = kept


class Asked:
    """What the walk and the probes know of each policy."""

    def __init__(self, made: Scene) -> None:
        self.made, self.rows, self.required = made, written(), sending.required_of(made)
        self.routes, self.asker = list(judge.routes()), Asker(made)
        self.probes = {probe.policy: probe for probe in PROBES}

    def refused(self, name: str, row: Row) -> list[Known]:
        """What would be answered otherwise if the action `name` were `row`; of what is known to who is refused, first."""
        other, found = {**self.rows, name: row}, []
        for route in self.routes:
            for visitor, who in self.made.visitors.items():
                thing = self.made.things.get(route.thing)
                now = judge.expected(self.rows, route, visitor, who, thing)
                if judge.expected(other, route, visitor, who, thing) != now:
                    found.append(Known(partial(sending.status, self.made, route, who, self.required), now))
        return sorted(found, key=lambda one: one.answer != 403)[:TRIES]

    def answered(self, name: str) -> list[Known]:
        """Requests of the routes of the action, for a policy that turns nobody away."""
        who = self.made.visitors["own admin"]
        routes = [route for route in self.routes if route.action == name and "own admin" not in route.otherwise]
        send = partial(sending.status, self.made, who=who, required=self.required)
        return [
            Known(partial(send, route=route), judge.expected(self.rows, route, "own admin", who, None)) for route in routes[:3]
        ]

    def probed(self, probe: Probe) -> Known:
        def send() -> Any:
            with sending.undone(self.made.bus.database):
                return probe.look(self.asker)

        return Known(send, probe.refused)

    def complaints(self) -> Iterator[str]:
        for name in sorted(n for n in REGISTRY if not n.startswith(OTHERS)):
            with capture_logs():
                yield from self.of(name)

    def of(self, name: str) -> Iterator[str]:
        probe = self.probed(self.probes[name]) if name in self.probes else None
        if probe is not None and (seen := probe.send()) != probe.answer:
            yield f"{name}: its probe sees {seen} while it stands, not {probe.answer}"
        known: list[Known] = []
        for way in ways(self.rows[name], REGISTRY[name]):
            found = [probe] if probe is not None and way.name != ROLES else self.refused(name, way.row)
            known = known or found
            if not found and way.name != ROLES:
                yield f"{name}: nobody is known whom it turns away: write a probe"
            elif found and not noticed(name, way.rule, found):
                yield f"{name} opened {way.name}: none of {len(found)} requests is answered otherwise"
        if not noticed(name, None, known or self.answered(name)):
            yield f"{name}: that it is lost is not noticed"


def noticed(name: str, rule: Policy | None, known: list[Known]) -> bool:
    with instead(name, rule):
        return any(differs(one) for one in known)


def differs(known: Known) -> bool:
    try:
        return bool(known.send() != known.answer)
    except (KeyError, TypeError, AttributeError):  # a probe's next step finds nothing: a page of an error was answered
        return True
