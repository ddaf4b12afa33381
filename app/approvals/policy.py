"""Who may do what with approvals: the officers of the regulator that the task is for."""

from __future__ import annotations

from app.kernel.actor import Role
from app.kernel.permission import WRITERS, Relation, policy

OFFICER_ONLY = frozenset({Role.OFFICER})

policy("approval.list", Relation.SIGNED_IN)
policy("approval.view", Relation.REGULATOR, Relation.OWNER, Relation.REQUESTER)
policy("approval.decide", Relation.REGULATOR, roles=OFFICER_ONLY, view="approval.view")
policy("approval.note", Relation.REGULATOR, roles=OFFICER_ONLY, view="approval.view")
policy("delegation.list", Relation.REGULATOR)
policy("delegation.make", Relation.REGULATOR, roles=OFFICER_ONLY)
policy("delegation.end", Relation.REGULATOR, roles=OFFICER_ONLY)
policy("condition.report", Relation.OWNER, roles=WRITERS, view="approval.view")
policy("condition.settle", Relation.REGULATOR, roles=OFFICER_ONLY, view="approval.view")
policy("evidence.view", Relation.OWNER, Relation.REQUESTER, Relation.REGULATOR, Relation.EVALUATOR, scope="read")
