"""Who may keep needs lists and their entries. How precisely an entry is seen is in rules.visible_tier."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, OFFICERS, WRITERS, Relation, policy

ROUND_LIST = policy("needs_list.list", Relation.SIGNED_IN)
ROUND_VIEW = policy("needs_list.view", Relation.SIGNED_IN)
ROUND_OPEN = policy("needs_list.open", Relation.ADMINISTRATION, roles=OFFICERS, view="needs_list.view")
ROUND_EDIT = policy("needs_list.edit", Relation.ADMINISTRATION, roles=OFFICERS, states=("open",), view="needs_list.view")
ROUND_PUBLISH = policy("needs_list.publish", Relation.ADMINISTRATION, roles=OFFICERS, view="needs_list.view")
ROUND_CLOSE = policy("needs_list.close", Relation.ADMINISTRATION, roles=OFFICERS, view="needs_list.view")

ROUND_PRINT = policy("needs_list.print", Relation.SIGNED_IN, scope="read")
ROUND_BUDGET = policy("needs_list.budget", Relation.REQUESTER, roles=WRITERS, view="needs_list.view")

NEED_LIST = policy("need.list", Relation.SIGNED_IN)
NEED_VIEW = policy("need.view", Relation.SIGNED_IN)
NEED_OWN = policy("need.own", Relation.REQUESTER, Relation.ADMINISTRATION)
NEED_CREATE = policy("need.create", Relation.REQUESTER, roles=DRAFTERS)
NEED_EDIT = policy("need.edit", Relation.REQUESTER, roles=DRAFTERS, view="need.own")
NEED_SUBMIT = policy("need.submit", Relation.REQUESTER, roles=WRITERS, view="need.own")
NEED_WITHDRAW = policy("need.withdraw", Relation.REQUESTER, roles=WRITERS, view="need.own")
NEED_OUTCOME = policy("need.outcome", Relation.ADMINISTRATION, roles=OFFICERS, view="need.own")
NEED_CARRY = policy("need.carry_over", Relation.ADMINISTRATION, Relation.REQUESTER, roles=OFFICERS | WRITERS, view="need.own")
BUNDLE_VIEW = policy("bundle.view", Relation.REQUESTER)
BUNDLE_EDIT = policy("bundle.edit", Relation.REQUESTER, roles=DRAFTERS, view="bundle.view")
