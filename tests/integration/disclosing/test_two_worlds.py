"""Nothing reveals more than the tier: two worlds that differ only in where, inside its cell, what is hidden stands give a requester
and an evaluator the same answers, byte for byte, to everything that they can ask.

Every route of the map is asked, with every parameter that it reads; a new route, and a new parameter, is in the test by itself. One that is not
answered here, though its policy lets them ask, fails it.
"""

from __future__ import annotations

from itertools import zip_longest

import pytest
from flask import Flask
from sqlalchemy import select

from app.db.work import Bus
from app.kernel.geometry import distance_m
from app.kernel.permission import REGISTRY, Relation
from app.notices.models import Mail
from app.web.limits import limiter
from tests.contract.walk import judge
from tests.integration.disclosing.questions import Answer, Asking, noting, reading
from tests.integration.disclosing.worlds import CELL, HERE, World, corner, deal, divide, world
from tests.support.databases import FreshDatabase

ASKED_OF_OTHERS = frozenset(
    {Relation.OWNER, Relation.REGULATOR, Relation.ADMINISTRATION, Relation.ADMINISTRATOR, Relation.SYSTEM}
)
# what is never answered to these visitors, and why
ELSEWHERE = dict.fromkeys(
    (
        "/api/v1/exemptions/<ref>",
        "/disclosure/exemptions/<ref>",
        "/api/v1/listings/<ref>/needs",
        "/listings/<ref>/needs",
    ),
    "the owner's and its regulators'",
)
ELSEWHERE |= dict.fromkeys(
    (
        "/api/v1/allocations/<ref>/compare/<other>",
        "/api/v1/allocations/<ref>/owners",
    ),
    "the administration's",
)
ELSEWHERE |= dict.fromkeys(
    (
        "/invitation/",
        "/invitation/<secret>",
        "/password/reset/",
        "/password/reset/<secret>",
        "/api/v1/grants/<ref>",
        "/disclosure/grants/<ref>",
        "/api/v1/statements/<ref>",
        "/api/v1/statements/<ref>/document",
        "/statements/<ref>",
        "/statements/<ref>/statement.pdf",
        "/statements/<ref>/statement.xlsx",
        "/tasks/assign",
    ),
    "of a link, a grant, a bill or an answer that the worlds do not hold; what is hidden has no part in it",
)


def played(app: Flask, bus: Bus, fresh: FreshDatabase, far: bool) -> tuple[World, dict[str, Asking]]:
    """One world from its beginning, and everything that is asked in it."""
    bus.database.dispose()
    fresh.reset()
    with pytest.MonkeyPatch.context() as patch:
        deal(patch)
        divide(patch)
        patch.setattr(limiter, "enabled", False)
        made = world(app, bus, far)
        asking = {
            "requester": Asking(made.walk, made.variants, made.api, made.person),
            "evaluator": Asking(made.walk, made.variants, made.evaluator, made.evaluator),
        }
        for name, one in asking.items():
            with noting(app):
                one.ask_all(closely=name == "requester")
        asking["requester"].send_all()
        with bus.database.read() as session:
            mails = session.execute(select(Mail.recipient, Mail.subject, Mail.body).order_by(Mail.id)).all()
        asking["requester"].answers |= {
            f"mail {number}": (200, repr(tuple(mail)).encode(), None)
            for number, mail in enumerate(mails)
            if made.programs.requester.organisation in mail.recipient or "requester" in mail.recipient
        }
    return made, asking


@pytest.mark.slow
def test_the_same_wherever_it_stands(app: Flask, bus: Bus, fresh_database: FreshDatabase) -> None:
    if not bus.database.is_sqlite:
        pytest.skip("the same answers are made on both; that a move is not told is tested on both in test_nothing_leaks")
    near, far = corner(CELL, False), corner(CELL, True)
    assert distance_m(near, HERE) < 700 < 1100 < distance_m(far, HERE)  # by the exact place the answers differ
    first, before = played(app, bus, fresh_database, False)
    faults = [
        f"say in questions.PLACES how to ask about a place with {one}"
        for one in sorted(set.union(*(a.unknown for a in before.values())))
    ]
    silent = set(may_ask()) - set.union(*(one.answered for one in before.values()))
    faults += [
        f"{one} is not answered, so not compared: give the worlds what it is about" for one in sorted(silent - set(ELSEWHERE))
    ]
    assert not faults, "\n".join(faults)
    exact = first.owner.get(f"/api/v1/assets/{first.walk.things['asset'].ref}").data
    region = first.owner.get(f"/api/v1/assets/{first.walk.things['asset'].ref}").json["region"]
    second, after = played(app, bus, fresh_database, True)
    assert second.owner.get(f"/api/v1/assets/{second.walk.things['asset'].ref}").json["region"] != region
    assert second.owner.get(f"/api/v1/assets/{second.walk.things['asset'].ref}").data != exact, "the worlds are the same"
    told = [
        f"{who}: {difference(path, one.answers.get(path), after[who].answers.get(path))}"
        for who, one in before.items()
        for path in dict.fromkeys([*one.answers, *after[who].answers])
        if one.answers.get(path) != after[who].answers.get(path)
    ]
    assert not told, f"{len(told)} answers tell where it stands:\n" + "\n".join(told[:30])
    assert sum(len(one.answers) for one in before.values()) > 900


def may_ask() -> list[str]:
    """The routes that read and whose policy lets a requester or an evaluator ask."""
    return [
        route.path
        for route in reading()
        if route.thing != judge.NOT_THERE and not REGISTRY[route.action].relations <= ASKED_OF_OTHERS
    ]


def difference(path: str, before: Answer | None, after: Answer | None) -> str:
    """Where two answers part."""
    if before is None or after is None:
        return f"{path} is asked in one world only"
    if (before[0], before[2]) != (after[0], after[2]):
        return f"{path}: {before[0]} {before[2]} became {after[0]} {after[2]}"
    at = next(n for n, pair in enumerate(zip_longest(before[1], after[1])) if pair[0] != pair[1])
    return f"{path}: {before[1][max(at - 60, 0) : at + 80]!r} became {after[1][max(at - 60, 0) : at + 80]!r}"
