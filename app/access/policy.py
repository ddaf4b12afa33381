"""Who may do what with access requests. A draft exists for its requester only; see `queries.subject_of`."""

from __future__ import annotations

from app.kernel.actor import Role
from app.kernel.permission import DRAFTERS, WRITERS, Relation, policy

OFFICER_ONLY = frozenset({Role.OFFICER})

policy("access.list", Relation.SIGNED_IN)
policy("access.view", Relation.OWNER, Relation.REQUESTER, Relation.ADMINISTRATION, Relation.REGULATOR)
policy("access.create", Relation.REQUESTER, roles=DRAFTERS)
policy("access.edit", Relation.REQUESTER, roles=DRAFTERS, view="access.view")
policy("access.submit", Relation.REQUESTER, roles=WRITERS, view="access.view")
policy("access.withdraw", Relation.REQUESTER, roles=WRITERS, view="access.view")
policy("access.agree", Relation.REQUESTER, roles=WRITERS, view="access.view")
policy("access.attach", Relation.OWNER, Relation.REQUESTER, Relation.REGULATOR, roles=DRAFTERS | OFFICER_ONLY, view="access.view")
policy("access.supply", Relation.REQUESTER, roles=WRITERS, view="access.view")
policy("access.survey", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="access.view")
policy("access.dispute", Relation.REQUESTER, roles=WRITERS, view="access.view")
policy("access.settle", Relation.REGULATOR, roles=OFFICER_ONLY, view="access.view")
policy("access.answer", Relation.OWNER, roles=WRITERS, view="access.view")
