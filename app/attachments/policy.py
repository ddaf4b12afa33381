"""Routes need a sign-in; whether a document may be read or added is decided by the policies of what it is attached to."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("attachment.view", Relation.SIGNED_IN)
policy("attachment.add", Relation.SIGNED_IN)
policy("attachment.remove", Relation.SIGNED_IN)
