"""docs/permissions.md is the table of who may do what: it is rendered from the declarations, and every decision is judged by it.

The judge reads the document alone: action × relation × role × state × scope of a token. Without any one policy, or with it allowing
everything, it complains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pytest

from app.bootstrap import modules
from app.config import ROOT
from app.kernel.actor import ANONYMOUS, Actor, Competence, Role
from app.kernel.errors import DomainError
from app.kernel.permission import REGISTRY, Policy, Relation, Subject, permit
from app.web.policytable import table

for kind in ("policy", "documents"):
    modules(kind)
DOCUMENT = ROOT / "docs" / "permissions.md"
REFRESH = "refresh it: .venv/bin/flask --app wsgi policies table > docs/permissions.md"
OTHERS = "dossier."  # declared by a test of attachments
OWN, OTHER, REGION = 1, 2, "440300"
NO_ROLE_NEEDED = {Relation.ANYONE, Relation.ADMINISTRATOR, Relation.EVALUATOR}


@dataclass(frozen=True)
class Row:
    relations: frozenset[str]
    roles: frozenset[str] | None
    states: frozenset[str] | None
    seen_by: str | None
    scope: str


def written() -> dict[str, Row]:
    """The document's rows by action."""
    found = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| `"):
            continue
        name, relations, roles, states, seen_by, scope = (cell.strip() for cell in line.strip("|").split("|"))
        found[name.strip("`")] = Row(
            frozenset(relations.split(", ")),
            None if roles == "any" else frozenset(roles.split(", ")),
            None if states == "–" else frozenset(states.split(", ")),
            None if seen_by == "–" else seen_by,
            scope,
        )
    return found


def actor(relation: Relation, role: Role, scopes: frozenset[str] | None = None) -> tuple[Actor, Subject]:
    """Somebody who stands in `relation` to an object and in no other that a role could make of it."""
    other = Subject(owner_id=OTHER, requester_id=OTHER, regulator_ids=frozenset({OTHER}), region=REGION)
    if relation is Relation.ANYONE:
        return ANONYMOUS, other
    held: tuple[Competence, ...] = ()
    subject = other
    if relation is Relation.OWNER:
        subject = Subject(OWN, OTHER, frozenset({OTHER}), REGION)
    elif relation is Relation.REQUESTER:
        subject = Subject(OTHER, OWN, frozenset({OTHER}), REGION)
    elif relation is Relation.REGULATOR:
        subject = Subject(OTHER, OTHER, frozenset({OWN}), REGION)
    elif relation is Relation.ADMINISTRATION:
        held = (Competence(OWN, "communications", "province", frozenset(), frozenset({"440000"})),)
    made = Actor(
        user_id=9, organisation_id=OWN, roles=frozenset({role}), subtree=frozenset({OWN}), competences=held, scopes=scopes
    )
    return made, subject


def cases(row: Row) -> Iterator[tuple[Relation, Role, str | None, frozenset[str] | None]]:
    states = [None] if row.states is None else [*sorted(row.states), "elsewhere"]
    relations = [one for one in Relation if one not in (Relation.SYSTEM, Relation.EVALUATOR, Relation.ADMINISTRATOR)]
    scopes = [None, frozenset({row.scope}), frozenset({"nothing"})]
    yield from product(relations, Role, states, scopes)


def expected(rows: Mapping[str, Row], row: Row, relation: Relation, role: Role, state: str | None, scopes: object) -> str:
    """What the document says is answered: ok, or the code of the error."""
    if passes(row, relation, role, scopes):
        return "ok" if row.states is None or state in row.states else "illegal_transition"
    if relation is Relation.ANYONE:
        return "sign_in_required"
    known = row.seen_by is not None and passes(rows[row.seen_by], relation, role, scopes)
    return "forbidden" if known else "not_found"


def passes(row: Row, relation: Relation, role: Role, scopes: object) -> bool:
    if isinstance(scopes, frozenset) and relation is not Relation.ANYONE and row.scope not in scopes:
        return False
    if "anyone" in row.relations:
        return True
    if relation is Relation.ANYONE:
        return False
    if {Role.ADMINISTRATOR: "administrator", Role.EVALUATOR: "evaluator"}.get(role) in row.relations:
        return True
    return bool(row.relations & {relation, "signed_in"}) and (row.roles is None or role in row.roles)


def complaints(name: str) -> Iterator[str]:
    """Every decision on one action that the document does not foresee."""
    rows = written()
    row = rows[name]
    for relation, role, state, scopes in cases(row):
        who, subject = actor(relation, role, scopes)
        subject = Subject(subject.owner_id, subject.requester_id, subject.regulator_ids, subject.region, status=state)
        try:
            permit(name, who, subject)
            answer = "ok"
        except DomainError as error:
            answer = error.code
        except KeyError:
            answer = "unknown action"
        wanted = expected(rows, row, relation, role, state, scopes)
        # a list or a creation has no object to hide: what is refused there is said so
        hides = row.seen_by is not None or name.endswith(".view")
        if answer != (wanted if hides or wanted != "not_found" else "forbidden"):
            yield f"{name}: {relation} × {role} × {state} × {scopes}: {answer}, by the document {wanted}"


def test_the_document_is_what_is_declared() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == table(OTHERS), REFRESH


@pytest.mark.parametrize("name", sorted(n for n in REGISTRY if not n.startswith(OTHERS)))
def test_every_decision_is_the_documents(name: str) -> None:
    assert name in written(), f"{name} is declared and not in docs/permissions.md: {REFRESH}"
    assert list(complaints(name)) == []


@pytest.mark.parametrize("name", sorted(n for n in REGISTRY if not n.startswith(OTHERS)))
def test_without_it_or_with_everything_allowed_the_judge_complains(name: str) -> None:
    lost = REGISTRY.pop(name)
    try:
        assert table(OTHERS) != DOCUMENT.read_text(encoding="utf-8")
        assert any("unknown action" in one for one in complaints(name))
        REGISTRY[name] = Policy(name, frozenset({Relation.ANYONE}))
        is_open = lost.relations == {Relation.ANYONE} and lost.states is None
        assert table(OTHERS) != DOCUMENT.read_text(encoding="utf-8") or is_open
        assert is_open or any(complaints(name)), f"{name}: allowing everybody everything is not noticed"
    finally:
        REGISTRY[name] = lost
