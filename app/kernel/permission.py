"""Who may do what, as data: action × relation × role × state.

A feature declares `Policy` objects in its `policy.py`; `permit` is the only decision. A subject that the actor may not
even see is `not_found`; one it sees but may not change is `forbidden`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.actor import Actor, Role
from app.kernel.errors import fail


class Relation(StrEnum):
    ANYONE = "anyone"  # also signed out
    SIGNED_IN = "signed_in"
    OWNER = "owner"  # acts for the subject's owner, in a subtree and region that its role reaches
    REQUESTER = "requester"
    REGULATOR = "regulator"  # one of the subject's competent regulators
    ADMINISTRATION = "administration"  # communications administration of the subject's region
    EVALUATOR = "evaluator"
    ADMINISTRATOR = "administrator"  # of the platform
    SYSTEM = "system"  # jobs


ALL_ROLES = frozenset(Role)
WRITERS = frozenset({Role.ADMIN, Role.MANAGER})
DRAFTERS = WRITERS | {Role.EDITOR}
OFFICERS = frozenset({Role.OFFICER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Policy:
    """`relations`: who, by relation to the subject. `roles`: within the organisation acted for. `states`: None = any.
    `view`: the policy that decides whether a refused actor may know that the subject exists."""

    name: str
    relations: frozenset[Relation]
    roles: frozenset[Role] = ALL_ROLES
    states: frozenset[str] | None = None
    view: str | None = None
    scope: str | None = None  # API token scope; None: derived from the name ("listing.view" -> read, others -> write)

    @property
    def token_scope(self) -> str:
        if self.scope:
            return self.scope
        return "read" if self.name.endswith((".view", ".list")) else "write"


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts about an object that a policy may ask for."""

    owner_id: int | None = None
    requester_id: int | None = None
    regulator_ids: frozenset[int] = frozenset()
    region: str | None = None
    regions: frozenset[str] = frozenset()
    status: str | None = None


REGISTRY: dict[str, Policy] = {}


def register(*policies: Policy) -> None:
    for policy in policies:
        if REGISTRY.get(policy.name, policy) != policy:
            raise ValueError(f"policy {policy.name} is declared twice")
        REGISTRY[policy.name] = policy


def policy(
    name: str,
    *relations: Relation,
    roles: frozenset[Role] = ALL_ROLES,
    states: tuple[str, ...] | None = None,
    view: str | None = None,
    scope: str | None = None,
) -> Policy:
    """Declare and register a policy."""
    made = Policy(name, frozenset(relations), roles, frozenset(states) if states is not None else None, view, scope)
    register(made)
    return made


def within(region: str | None, regions: frozenset[str]) -> bool:
    """Whether an adcode or ISO 3166-2 code lies in one of `regions`: 440305 in 440300 in 440000; NZ-AUK in NZ."""
    if not regions:
        return True
    return region is not None and any(contains(outer, region) for outer in regions)


def contains(outer: str, inner: str) -> bool:
    """Region containment by code: six-digit adcodes by their zero-padded prefix, others by dash-separated prefix."""
    if outer == inner or outer == "*":
        return True
    if outer.isdigit() and inner.isdigit() and len(outer) == len(inner) == 6:
        pairs = [outer[place : place + 2] for place in (0, 2, 4)]
        while pairs and pairs[-1] == "00":
            pairs.pop()
        return inner.startswith("".join(pairs))
    return inner.startswith(outer + "-")


def _relates(relation: Relation, actor: Actor, subject: Subject) -> bool:
    match relation:
        case Relation.ANYONE:
            return True
        case Relation.SIGNED_IN:
            return not actor.is_anonymous
        case Relation.OWNER:
            return subject.owner_id is not None and subject.owner_id in actor.subtree and within(subject.region, actor.regions)
        case Relation.REQUESTER:
            return subject.requester_id is not None and subject.requester_id in actor.subtree
        case Relation.REGULATOR:
            return actor.organisation_id is not None and actor.organisation_id in subject.regulator_ids
        case Relation.ADMINISTRATION:
            return any(
                c.authority == "communications" and (subject.region is None or within(subject.region, c.regions))
                for c in actor.competences
            )
        case Relation.EVALUATOR:
            return actor.is_evaluator
        case Relation.ADMINISTRATOR:
            return actor.is_administrator
        case Relation.SYSTEM:
            return actor.is_system


def allowed(rule: Policy, actor: Actor, subject: Subject = Subject()) -> bool:
    """Whether `actor` may do `rule` to `subject` (relation, role, token scope; states are checked by `permit`)."""
    if actor.is_system:
        return True
    if actor.scopes is not None and rule.token_scope not in actor.scopes:
        return False
    return any(_relates(r, actor, subject) and _role_fits(r, rule, actor) for r in rule.relations)


def _role_fits(relation: Relation, rule: Policy, actor: Actor) -> bool:
    if relation in (Relation.ANYONE, Relation.ADMINISTRATOR, Relation.EVALUATOR, Relation.SYSTEM):
        return True
    return rule.roles == ALL_ROLES or bool(actor.roles & rule.roles)


def permit(name: str, actor: Actor, subject: Subject = Subject()) -> None:
    """Return, or raise `sign_in_required`, `not_found`, `forbidden` or `illegal_transition`."""
    rule = REGISTRY[name]
    if not allowed(rule, actor, subject):
        if actor.is_anonymous:
            raise fail("sign_in_required")
        if rule.view is None or not allowed(REGISTRY[rule.view], actor, subject):
            raise fail("forbidden" if rule.view is None and not rule.name.endswith(".view") else "not_found")
        raise fail("forbidden")
    if rule.states is not None and subject.status not in rule.states:
        raise fail("illegal_transition", subject=name.split(".")[0], state=subject.status, action=name.split(".")[-1])
