"""What must be answered, from docs/permissions.md, the table of routes and the facts of the scene alone: no code of the product is asked."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.kernel.actor import Role
from tests.contract.test_permissions import Row
from tests.contract.walk.scene import Thing, Visitor

TABLE = Path(__file__).with_name("routes.csv")
NO_OBJECT = "–"
NOT_THERE = "absent"
WITHIN = {Role.ADMINISTRATOR: "administrator", Role.EVALUATOR: "evaluator"}


@dataclass(frozen=True)
class Route:
    """`action`: of the route's policy. `judged`: the action that the object is judged by. `answer`: to who may. `otherwise`: by visitor, where the
    object says more than its policy."""

    method: str
    path: str
    action: str
    thing: str
    judged: str
    answer: int
    otherwise: dict[str, int]

    @property
    def is_page(self) -> bool:
        return not self.path.startswith(("/api/", "/ogc/", "/maps/"))


def routes() -> Iterator[Route]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            yield Route(
                line["method"],
                line["path"],
                line["action"],
                line["object"],
                line["judged by"] or line["action"],
                int(line["answer"]),
                {one.rpartition(" ")[0]: int(one.rpartition(" ")[2]) for one in (line.get("otherwise") or "").split("; ") if one},
            )


def expected(rows: dict[str, Row], route: Route, name: str, who: Visitor, thing: Thing | None) -> int:
    """The one status that is right."""
    if name in route.otherwise:
        return route.otherwise[name]
    rule = rows[route.action]
    if who.scopes is not None and rule.scope not in who.scopes:
        return 403
    if "anyone" not in rule.relations:
        if who.role is None:
            return 302 if route.is_page else 401
        if not fits(rule, who):
            return 403
    if route.thing == NOT_THERE:
        return 404
    if thing is None or route.judged == NO_OBJECT:
        return route.answer
    return on(rows, route, who, thing)


def on(rows: dict[str, Row], route: Route, who: Visitor, thing: Thing) -> int:
    """The object's part: who may not know of it does not find it."""
    judged = rows[route.judged]
    if thing.known is not None and who.organisation not in thing.known:
        return 404
    if passes(judged, who, thing):
        return route.answer
    if judged.seen_by is None:
        return 404 if route.judged.endswith(".view") else 403
    return 403 if passes(rows[judged.seen_by], who, thing) else 404


def fits(rule: Row, who: Visitor) -> bool:
    """Whether some object could exist on which they may."""
    if WITHIN.get(who.role) in rule.relations:
        return True
    held = {"administration"} if who.authority == "communications" else set()
    held |= {"regulator"} if who.authority else set()
    return bool(rule.relations & (held | {"signed_in", "owner", "requester"})) and has_role(rule, who)


def has_role(rule: Row, who: Visitor) -> bool:
    return rule.roles is None or who.role in rule.roles


def passes(rule: Row, who: Visitor, thing: Thing) -> bool:
    if who.scopes is not None and rule.scope not in who.scopes:
        return False
    if "anyone" in rule.relations or WITHIN.get(who.role) in rule.relations:
        return True
    return bool(rule.relations & set(relations(who, thing))) and has_role(rule, who)


def relations(who: Visitor, thing: Thing) -> Iterator[str]:
    """In which ways they stand to it."""
    if who.role is None:
        return
    yield "signed_in"
    if who.organisation == thing.owner:
        yield "owner"
    if who.organisation == thing.requester:
        yield "requester"
    if who.organisation in thing.regulators:
        yield "regulator"
    if who.authority == "communications" and (thing.region is None or thing.region.startswith("44")):
        yield "administration"
