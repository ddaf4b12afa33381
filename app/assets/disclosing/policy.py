"""Who may open an asset to whom. A closer look is its requester's and its owner's business (the administration's, where the owner
is not known); a grant its giver's and its holder's; an exemption its owner's and the competent authorities'."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, OFFICERS, WRITERS, Relation, policy

policy("disclosure.list", Relation.SIGNED_IN)
policy("closer_look.view", Relation.OWNER, Relation.REQUESTER, Relation.REGULATOR)
policy("closer_look.ask", Relation.REQUESTER, roles=DRAFTERS | OFFICERS)
policy("closer_look.withdraw", Relation.REQUESTER, roles=DRAFTERS | OFFICERS, view="closer_look.view")
policy("closer_look.answer", Relation.OWNER, roles=WRITERS, states=("open",), view="closer_look.view")
policy("closer_look.pass_over", Relation.REGULATOR, roles=OFFICERS, states=("open",), view="closer_look.view")
policy("grant.view", Relation.OWNER, Relation.REQUESTER, Relation.REGULATOR)
policy("grant.give", Relation.OWNER, roles=WRITERS)
policy("grant.order", Relation.REGULATOR, roles=OFFICERS)
policy("grant.revoke", Relation.OWNER, roles=WRITERS, states=("active", "coming"), view="grant.view")
policy("grant.lift", Relation.REGULATOR, roles=OFFICERS, states=("active", "coming"), view="grant.view")
policy("exemption.view", Relation.OWNER, Relation.REGULATOR)
policy("exemption.ask", Relation.OWNER, roles=WRITERS)
policy("exemption.withdraw", Relation.OWNER, roles=WRITERS, view="exemption.view")
policy("exemption.decide", Relation.REGULATOR, roles=OFFICERS, view="exemption.view")
# one route for the owner's act and the regulator's: the use case asks for the one or the other
policy(
    "closer_look.refuse", Relation.OWNER, Relation.REGULATOR, roles=WRITERS | OFFICERS, states=("open",), view="closer_look.view"
)
policy("grant.open", Relation.OWNER, Relation.REGULATOR, roles=WRITERS | OFFICERS)
policy("grant.end", Relation.OWNER, Relation.REGULATOR, roles=WRITERS | OFFICERS, view="grant.view")
policy("asset.export", Relation.SIGNED_IN, scope="read")
policy("disclosure.ledger", Relation.SIGNED_IN, scope="read")
policy("disclosure.trace", Relation.SIGNED_IN, roles=WRITERS | OFFICERS, scope="read")
policy("disclosure.trace_all", Relation.ADMINISTRATOR, scope="read")
