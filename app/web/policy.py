"""Every route declares its policy; the application refuses to start when one does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for

from app.db.work import VIA
from app.kernel.errors import fail
from app.kernel.permission import ALL_ROLES, REGISTRY, Policy, Relation, Subject, allowed
from app.kernel.permission import policy as declare
from app.web.execute import current_actor

F = TypeVar("F", bound=Callable[..., Any])

declare("site.view", Relation.ANYONE)
declare("site.use", Relation.SIGNED_IN, scope="read")
FRAMEWORK = {"static": "site.view", "api-docs.openapi_json": "site.view", "smorest_api.openapi_json": "site.view"}


class UndeclaredPolicy(RuntimeError):
    """A route without a policy, or with one that nobody declared."""


def policy(name: str) -> Callable[[F], F]:
    """Declare the policy of a view function: `@policy("listing.publish")`, below the route decorator."""

    def mark(view: F) -> F:
        view.__policy__ = name  # type: ignore[attr-defined]
        return view

    return mark


def policy_of(app: Flask, endpoint: str) -> str | None:
    declared = getattr(app.view_functions[endpoint], "__policy__", None)
    if declared is None:
        declared = FRAMEWORK.get(endpoint) or ("site.view" if endpoint.endswith((".openapi_json", ".static")) else None)
    return declared


def verify(app: Flask) -> None:
    """Raise `UndeclaredPolicy` naming every route that has no known policy."""
    missing = sorted(
        f"{rule.rule} → {rule.endpoint}" for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) not in REGISTRY
    )
    if missing:
        raise UndeclaredPolicy("no policy is declared for: " + "; ".join(missing))


def guard() -> Any:
    """Before each request: turn away who can never pass this route's policy. The use case decides on the object."""
    if request.endpoint is None:
        return None
    VIA.set(request.endpoint)
    rule = REGISTRY[policy_of(current_app, request.endpoint) or "site.use"]
    actor = current_actor()
    if actor.scopes is not None and rule.token_scope not in actor.scopes:
        raise fail("forbidden")
    if Relation.ANYONE in rule.relations:
        return None
    if actor.is_anonymous:
        if wants_page():
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None))
        raise fail("sign_in_required")
    if not _could_pass(rule):
        raise fail("forbidden")
    return None


def _could_pass(rule: Policy) -> bool:
    """Whether some object could exist on which this actor may do this."""
    actor = current_actor()
    for relation in rule.relations:
        if relation is Relation.ADMINISTRATOR and not actor.is_administrator:
            continue
        if relation is Relation.EVALUATOR and not actor.is_evaluator:
            continue
        if relation is Relation.ADMINISTRATION and not any(c.authority == "communications" for c in actor.competences):
            continue
        if relation is Relation.REGULATOR and not actor.competences:
            continue
        if relation is Relation.SYSTEM:
            continue
        if relation is Relation.SIGNED_IN and rule.roles == ALL_ROLES:  # also who is between two organisations
            return True
        if relation in (Relation.ADMINISTRATOR, Relation.EVALUATOR) or actor.roles & rule.roles:
            return True
    return False


def wants_page() -> bool:
    """Whether a person's browser asked (HTML), and not a program."""
    return not request.path.startswith(("/api/", "/ogc/", "/maps/")) and request.accept_mimetypes.accept_html


def may(name: str, subject: Subject | None = None) -> bool:
    """For templates: show an action only to who may do it."""
    rule = REGISTRY[name]
    facts = subject or Subject()
    return allowed(rule, current_actor(), facts) and (rule.states is None or facts.status in rule.states)


def may_for_own(name: str) -> bool:
    """Whether the actor may begin something of its own organisation's: a thing that is not there yet."""
    own = current_actor().organisation_id
    if own is None:
        return False
    held = frozenset({own}) if current_actor().competences else frozenset()
    return may(name, Subject(owner_id=own, requester_id=own, regulator_ids=held))
