"""Who sees gaps and groups, who consents. What a member sees of its group before all consent is in rules.py."""

from __future__ import annotations

from app.kernel.permission import OFFICERS, WRITERS, Relation, policy

LIST = policy("cobuild.list", Relation.SIGNED_IN)
VIEW = policy("cobuild.view", Relation.REQUESTER, Relation.ADMINISTRATION, Relation.EVALUATOR)
GAPS = policy("cobuild.gaps", Relation.ADMINISTRATION, Relation.EVALUATOR, scope="read")
CONSENT = policy("cobuild.consent", Relation.REQUESTER, roles=WRITERS, view="cobuild.view")
REQUEST_EXEMPTION = policy(
    "cobuild.request_exemption", Relation.REQUESTER, roles=WRITERS, states=("agreed",), view="cobuild.view"
)
EXEMPT = policy("cobuild.exempt", Relation.ADMINISTRATION, roles=OFFICERS, states=("proposed", "agreed"), view="cobuild.view")
START = policy("cobuild.start", Relation.ADMINISTRATION, Relation.ADMINISTRATOR, roles=OFFICERS)
CORRIDORS = policy("corridor.list", Relation.ADMINISTRATION, Relation.EVALUATOR, scope="read")
LOAD_CORRIDORS = policy("corridor.load", Relation.ADMINISTRATION, roles=OFFICERS, view="corridor.list")
