"""Who may do what with agreements: their two parties; their regulators and the administration of the region read them once
submitted."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, WRITERS, Relation, policy

policy("agreement.list", Relation.SIGNED_IN)
policy("agreement.view", Relation.OWNER, Relation.REQUESTER, Relation.REGULATOR)
policy("agreement.attach", Relation.OWNER, Relation.REQUESTER, roles=DRAFTERS, view="agreement.view")
policy("agreement.edit", Relation.OWNER, Relation.REQUESTER, roles=DRAFTERS, view="agreement.view")
policy("agreement.sign", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
policy("agreement.submit", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
policy("agreement.amend", Relation.OWNER, Relation.REQUESTER, roles=DRAFTERS, view="agreement.view")
policy("agreement.withdraw", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
policy("agreement.verify", Relation.ANYONE)
