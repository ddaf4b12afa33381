"""Who may look for routes: everybody signed in, each on what is disclosed to them."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

FIND = policy("route.find", Relation.SIGNED_IN)
