"""The table of who may do what, rendered from every feature's declarations as docs/permissions.md. A test holds the file to it, and
the decisions to the file."""

from __future__ import annotations

from app.kernel.permission import ALL_ROLES, REGISTRY, Policy

HEAD = """# Who may do what

Made from the declarations in each feature's `policy.py` by `.venv/bin/flask --app wsgi policies table > docs/permissions.md`; a test
compares the two, and every decision with this table. Whoever adds an action declares it in `policy.py` and renders this file again.

Relation: to the object. Role: in the organisation acted for; where it is any, a platform's administrator or an evaluator needs none.
State: of the object; – is any. Seen by: the action that decides whether a refused actor may know that the object exists. Who may not
know it gets 404, who may know it but not do it 403, who is not signed in 401 (a page leads to the sign-in). Scope: of an API token.

| action | relations | roles | states | seen by | scope |
| --- | --- | --- | --- | --- | --- |
"""


def table(leave_out: str = "\0") -> str:
    """The whole document. `leave_out`: the beginning of names that are not the product's."""
    return HEAD + "".join(row(REGISTRY[name]) for name in sorted(REGISTRY) if not name.startswith(leave_out))


def row(policy: Policy) -> str:
    relations = ", ".join(sorted(policy.relations))
    roles = "any" if policy.roles == ALL_ROLES else ", ".join(sorted(policy.roles))
    states = "–" if policy.states is None else ", ".join(sorted(policy.states))
    return f"| `{policy.name}` | {relations} | {roles} | {states} | {policy.view or '–'} | {policy.token_scope} |\n"
