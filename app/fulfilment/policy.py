"""Who may do what after an agreement's entry into force: its two parties; which of them answers is a rule of the step."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, WRITERS, Relation, policy

policy("fulfilment.prepare", Relation.OWNER, roles=DRAFTERS, view="agreement.view")
policy("fulfilment.install", Relation.OWNER, Relation.REQUESTER, roles=DRAFTERS, view="agreement.view")
policy("fulfilment.accept", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
policy("fulfilment.end", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
policy("fulfilment.remove", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
