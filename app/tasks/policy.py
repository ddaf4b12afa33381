"""Who may do what with tasks. A task is seen by the organisation that it waits for; whether a person may do it is its own policy's matter."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, OFFICERS, Relation, policy

HANDS = DRAFTERS | OFFICERS

policy("task.list", Relation.SIGNED_IN)
policy("task.take", Relation.SIGNED_IN, roles=HANDS)
policy("task.assign", Relation.SIGNED_IN, roles=HANDS)
policy("task.together", Relation.SIGNED_IN, roles=HANDS)
policy("task.digest", Relation.SIGNED_IN)
policy("task.feed", Relation.SIGNED_IN)
policy("task.subscribed", Relation.ANYONE, scope="read")  # whoever holds the secret of a feed, or the link of a mail
