"""The whole route map against every role: what the declared policies say is what is answered, and nothing answers without one.

The expectation is computed from the policies alone (relations, roles, scopes), never from the routes' code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.accounts.models import Organisation
from app.db.work import Bus
from app.kernel.actor import Role
from app.kernel.permission import ALL_ROLES, REGISTRY, Policy, Relation
from app.web.policy import UndeclaredPolicy, policy_of, verify
from tests.integration.main_job.test_tower_by_api import LISTING, NEED
from tests.support import market, people, places
from tests.support import programs as by
from tests.support.programs import Programs, row_counts

ABSENT = "0" * 13
SAFE = ("GET", "HEAD", "OPTIONS")
ANSWERED = {200, 204, 302, 303, 304}
# what an organisation's own people see, and a stranger of another company must not even find: paths with the scene's refs
HIDDEN = (
    "/api/v1/access-requests/{request}",
    "/api/v1/agreements/{agreement}",
    "/api/v1/agreements/{agreement}/versions",
    "/api/v1/approvals/{task}",
    "/api/v1/agreements/{agreement}/versions/1",
    "/api/v1/needs/{need}",
    "/api/v1/needs/{need}/matches",
    "/api/v1/needs/{need}/matches/{listing}",
    "/api/v1/assets/{asset}/capacity",
    "/api/v1/listings/{draft}",
    "/api/v1/assets/{hidden}",
    "/api/v1/attachments/{document}",
    "/api/v1/attachments/{document}/content",
    "/api/v1/tokens/{token}",
    "/needs/{need}",
    "/needs/{need}/edit",
    "/listings/{draft}",
    "/assets/{hidden}",
    "/attachments/{document}",
    "/requests/{request}",
)


@dataclass
class Who:
    """One kind of visitor. `facts`: what the policies may ask about them."""

    client: FlaskClient
    roles: frozenset[Role] = frozenset()
    relations: frozenset[Relation] = frozenset({Relation.ANYONE})
    scopes: frozenset[str] | None = None

    def may_pass(self, rule: Policy) -> bool:
        """Whether some object could exist on which the policy lets them."""
        if self.scopes is not None and rule.token_scope not in self.scopes:
            return False
        unbound = {Relation.ANYONE, Relation.ADMINISTRATOR, Relation.EVALUATOR}
        return any(
            relation in self.relations and (relation in unbound or rule.roles == ALL_ROLES or bool(self.roles & rule.roles))
            for relation in rule.relations
        )


@dataclass
class Scene:
    bus: Bus
    app: Flask
    refs: dict[str, str]
    visitors: dict[str, Who]


COMPANY = frozenset({Relation.ANYONE, Relation.SIGNED_IN, Relation.OWNER, Relation.REQUESTER})


@pytest.fixture
def scene(app: Flask, bus: Bus) -> Scene:
    """A whole life before the regulators, one draft, one hidden asset, one document; and everybody who could look at them."""
    programs = by.shenzhen(app, bus)
    owner = programs.owner
    listing = owner.send("/listings", LISTING, status=201)
    draft = owner.send("/listings", {**LISTING, "publish": False, "asset": {**LISTING["asset"], "name": "Draft"}}, status=201)
    round_ = by.open_round(programs).rpartition("/")[2]
    need = programs.requester.send("/needs", {**NEED, "needs_list": round_}, status=201)["id"]
    by.publish_round(programs, f"/needs-lists/{round_}")
    run = by.match(programs)["id"]
    request = programs.requester.send("/access-requests", {"need": need, "listing": listing["id"], "submit": True}, status=201)[
        "id"
    ]
    by.offered(programs, f"/access-requests/{request}")
    agreement = by.drafted(programs, f"/access-requests/{request}")
    by.sign_and_submit(programs, agreement)
    refs = {
        "asset": listing["asset"]["id"],
        "listing": listing["id"],
        "draft": draft["id"],
        "hidden": draft["asset"]["id"],
        "round": round_,
        "need": need,
        "run": run,
        "request": request,
        "agreement": agreement.rpartition("/")[2],
        "task": programs.regulator.get("/approvals")["results"][0]["id"],
        "document": by.attach(owner, "access_request", request, "photo.txt", "site_photo"),
        "organisation": owner.organisation,
        "notice": owner.get("/notices")["results"][0]["id"],
        "token": owner.get("/tokens")["results"][0]["id"],
    }
    return Scene(bus, app, refs, visitors(app, bus, programs))


def visitors(app: Flask, bus: Bus, programs: Programs) -> dict[str, Who]:
    def person(name: str, organisation: by.Program | people.Made, role: Role, *more: Relation) -> Who:
        ref = organisation.organisation if isinstance(organisation, by.Program) else organisation.ref
        made = people.person(bus, people.Made(0, ref, ""), role, name=name)
        return Who(people.signed_in(app, made), frozenset({role}), COMPANY | frozenset(more))

    elsewhere = people.organisation(bus, "Elsewhere Ltd", sector="transport")
    evaluator, platform = (
        people.organisation(bus, "Institute", sector="other"),
        people.organisation(bus, "Platform", sector="other", kind="platform"),
    )
    with bus.database.write() as session:
        company = places.organisation(session, "Tokens Ltd", "municipal")
        tokens = {
            scope: market.signed_in(app, session, session.get_one(Organisation, company.id), Role.MANAGER, (scope,))
            for scope in ("read", "write")
        }
    both = frozenset({Role.MANAGER})
    return {
        "anonymous": Who(app.test_client()),
        "viewer of another company": person("Viewer", elsewhere, Role.VIEWER),
        "requester's manager": person("Requester", programs.requester, Role.MANAGER),
        "owner's manager": person("Owner", programs.owner, Role.MANAGER),
        "communications officer": person(
            "Mca", programs.administration, Role.OFFICER, Relation.ADMINISTRATION, Relation.REGULATOR
        ),
        "sector officer": person("Energy", programs.regulator, Role.OFFICER, Relation.REGULATOR),
        "evaluator": person("Evaluator", evaluator, Role.EVALUATOR, Relation.EVALUATOR),
        "administrator": person("Administrator", platform, Role.ADMINISTRATOR, Relation.ADMINISTRATOR),
        "read token": Who(tokens["read"], both, COMPANY, frozenset({"read"})),
        "write token": Who(tokens["write"], both, COMPANY, frozenset({"write"})),
    }


def routes(app: Flask, wanted: Callable[[str], bool]) -> Iterator[tuple[Rule, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        yield from ((rule, method) for method in sorted(rule.methods or ()) if wanted(method))


def address(rule: Rule, refs: dict[str, str]) -> str:
    """The route with plausible refs: by the name of its feature, else one that nothing has."""
    first = rule.rule.removeprefix("/api/v1").strip("/").split("/")[0]
    own = {
        "assets": "asset",
        "listings": "listing",
        "needs": "need",
        "needs-lists": "round",
        "access-requests": "request",
        "requests": "request",
        "agreements": "agreement",
        "approvals": "task",
        "match-runs": "run",
        "attachments": "document",
        "organisations": "organisation",
        "inbox": "notice",
        "notices": "notice",
        "tokens": "token",
    }
    main = refs["round"] if rule.rule.startswith("/needs/lists/") else refs.get(own.get(first, ""), ABSENT)
    given = {
        "ref": main,
        "listing_ref": refs["listing"],
        "number": "1",
        "name": "tower",
        "locale": "en",
        "z": "8",
        "x": "209",
        "y": "111",
        "subject_type": "access_request",
        "subject_ref": refs["request"],
        "page": "list",
        "calendar": "working_days:CN",
        "year": "2026",
        "code": "404",
        "filename": "none.css",
        "secret": "x" * 20,
    }

    def fill(found: re.Match[str]) -> str:
        choices = re.match(r"<any\(([^,)]+)", found[0])
        return choices[1].strip() if choices else given.get(found[1], ABSENT)

    return re.sub(r"<(?:[^<>]*:)?(\w+)>", fill, rule.rule)


def is_page(path: str) -> bool:
    return not path.startswith(("/api/", "/ogc/", "/maps/"))


def expected(who: str, visitor: Who, rule: Policy, path: str) -> set[int]:
    """The statuses that the policies allow."""
    if visitor.may_pass(rule):
        return ANSWERED | (
            {401, 403, 404, 409, 400, 422, 410} if who != "anonymous" or Relation.ANYONE in rule.relations else set()
        )
    if who == "anonymous":
        return {302} if is_page(path) else {401}
    return {403, 404}


def test_every_route_has_a_policy_and_losing_one_stops_the_start(app: Flask) -> None:
    verify(app)
    for rule, _ in routes(app, lambda method: method not in ("HEAD", "OPTIONS")):
        assert policy_of(app, rule.endpoint) in REGISTRY, rule.rule
    lost = REGISTRY.pop("listing.publish")
    try:
        with pytest.raises(UndeclaredPolicy, match=r"/api/v1/listings/<ref>/publish"):
            verify(app)
    finally:
        REGISTRY["listing.publish"] = lost


@pytest.mark.slow
def test_reading_is_what_the_policies_say(scene: Scene) -> None:
    """Everybody on SQLite; on PostgreSQL those who see most and least, since the policies are the same."""
    wrong: list[str] = []
    tried, both = 0, ("anonymous", "viewer of another company", "owner's manager", "communications officer")
    visiting = {name: who for name, who in scene.visitors.items() if scene.bus.database.is_sqlite or name in both}
    for rule, _ in routes(scene.app, lambda method: method == "GET"):
        path, declared = address(rule, scene.refs), REGISTRY[policy_of(scene.app, rule.endpoint) or ""]
        for name, visitor in visiting.items():
            answer = visitor.client.get(path, headers=people.PAGE if is_page(path) else {})
            tried += 1
            allowed = expected(name, visitor, declared, path)
            if answer.status_code not in allowed:
                wrong.append(f"{name}: GET {path} ({declared.name}) → {answer.status_code}, not one of {sorted(allowed)}")
            if (
                answer.status_code == 302
                and name == "anonymous"
                and Relation.ANYONE not in declared.relations
                and "/sign-in" not in answer.headers["Location"]
            ):
                wrong.append(f"{name}: GET {path} leads to {answer.headers['Location']}")
            if answer.status_code == 401 and answer.mimetype != "application/problem+json":
                wrong.append(f"{name}: GET {path} is {answer.mimetype}")
    assert not wrong, "\n".join(wrong)
    assert tried > 60 * len(visiting)


def test_what_is_foreign_is_not_found(scene: Scene) -> None:
    """By a stranger's viewer and by a stranger's token: the same answer as for what does not exist."""
    stranger, token = scene.visitors["viewer of another company"].client, scene.visitors["read token"].client
    wrong: list[str] = []
    for pattern in HIDDEN:
        path = pattern.format(**scene.refs)
        clients = [stranger] if is_page(path) else [stranger, token]
        for client in clients:
            status = client.get(path, headers=people.PAGE if is_page(path) else {}).status_code
            nothing = client.get(
                pattern.format(**dict.fromkeys(scene.refs, ABSENT)), headers=people.PAGE if is_page(path) else {}
            ).status_code
            if status != nothing or status not in (403, 404):
                wrong.append(f"{path} → {status}; what does not exist → {nothing}")
    assert not wrong, "\n".join(wrong)


# RFC 8058: a mail program follows them by POST without a page of ours; the signature in the address is the proof
SIGNED_LINKS = {"searches.end_alerts", "tasks.stop"}


def without_csrf(scene: Scene) -> Iterator[str]:
    """Every change that a session gets past without its CSRF token."""
    owner = scene.visitors["owner's manager"].client
    for rule, method in routes(scene.app, lambda method: method not in SAFE):
        if rule.endpoint in SIGNED_LINKS:
            continue
        path = address(rule, scene.refs)
        answer = owner.open(path, method=method, json={}, headers={"If-Match": '"1"', **(people.PAGE if is_page(path) else {})})
        if answer.status_code != 400:
            yield f"without CSRF token: {method} {path} → {answer.status_code}"


@pytest.mark.slow
def test_who_may_not_changes_nothing(scene: Scene) -> None:
    """Every change without a CSRF token, and by who has no right to it: turned away, and every table holds what it held."""
    before = row_counts(scene.bus)
    wrong = list(without_csrf(scene))
    wrong += [
        place
        for name in ("viewer of another company", "evaluator", "read token", "anonymous")
        for place in trespasses(scene, name)
    ]
    assert not wrong, "\n".join(wrong)
    assert row_counts(scene.bus) == before


def trespasses(scene: Scene, name: str) -> Iterator[str]:
    """Every change that this visitor is not turned away from as the policies say."""
    visitor = scene.visitors[name]
    headers: dict[str, str] = {"If-Match": '"1"'}
    if visitor.scopes is None:
        headers["X-CSRFToken"] = people.csrf(visitor.client, "/sign-in" if name == "anonymous" else "/account")
    own = {
        "account.edit",
        "account.prove",
        "session.end",
        "session.switch",
        "session.start",
        "notice.read",
        "token.create",
        "token.revoke",
        "tour.take",
        "task.feed",
        "search.save",
    }  # about oneself
    own |= {"asset.export", "disclosure.trace", "needs_list.print", "site.use"}  # reads that are sent
    for rule, method in routes(scene.app, lambda method: method not in SAFE):
        path, declared = address(rule, scene.refs), REGISTRY[policy_of(scene.app, rule.endpoint) or ""]
        if declared.name in own:
            continue
        answer = visitor.client.open(
            path, method=method, json=body_of(path), headers={**headers, **(people.PAGE if is_page(path) else {})}
        )
        allowed = {302} if name == "anonymous" and is_page(path) else {401} if name == "anonymous" else {403, 404}
        if answer.status_code not in (allowed if not visitor.may_pass(declared) else {400, 403, 404, 409, 412, 415, 422}):
            yield f"{name}: {method} {path} ({declared.name}) → {answer.status_code}"


def body_of(path: str) -> dict[str, Any]:
    if path.endswith(("/approve", "/confirm")):
        return {"content_hash": "0" * 64, "ledger_hash": "0" * 64}
    return {"content_hash": "0" * 64} if path.endswith("/sign") else {}
