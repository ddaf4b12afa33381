"""Who may keep an unfinished form: everybody who is signed in, each their own."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("draft.view", Relation.SIGNED_IN)
policy("draft.keep", Relation.SIGNED_IN)
