"""Who may keep searches: everybody who is signed in, each their own. Alerts end by the link of a mail, without signing in."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

LIST = policy("search.list", Relation.SIGNED_IN)
VIEW = policy("search.view", Relation.SIGNED_IN)
SAVE = policy("search.save", Relation.SIGNED_IN)
EDIT = policy("search.edit", Relation.SIGNED_IN)
DELETE = policy("search.delete", Relation.SIGNED_IN)
UNSUBSCRIBE = policy("search.unsubscribe", Relation.ANYONE, scope="write")
