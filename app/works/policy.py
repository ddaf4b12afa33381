"""Who may do what with works: the sponsor its own; every organisation may see what is announced and answer for itself; regulators
oversee."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, WRITERS, Relation, policy

policy("works.list", Relation.SIGNED_IN)
policy("works.view", Relation.SIGNED_IN)
policy("works.draft", Relation.OWNER, roles=DRAFTERS, view="works.view")
policy("works.announce", Relation.OWNER, roles=WRITERS, view="works.view")
policy("works.reserve", Relation.OWNER, roles=WRITERS, view="works.view")
policy("works.change", Relation.OWNER, roles=WRITERS, view="works.view")
policy("works.answer", Relation.OWNER, roles=WRITERS, view="works.view")
policy("works.join", Relation.REQUESTER, roles=WRITERS, view="works.view")
policy("works.oversee", Relation.ADMINISTRATION, Relation.REGULATOR, Relation.EVALUATOR, scope="read")
