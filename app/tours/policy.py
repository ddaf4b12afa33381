"""Who may take a tour: everybody who is signed in, each their own."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("tour.view", Relation.SIGNED_IN)
policy("tour.take", Relation.SIGNED_IN, scope="session")
