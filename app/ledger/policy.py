"""Who may read and change the capacity of an asset: its owner."""

from __future__ import annotations

from app.kernel.permission import WRITERS, Relation, policy

VIEW = policy("capacity.view", Relation.OWNER)
CHANGE = policy("capacity.change", Relation.OWNER, roles=WRITERS, view="capacity.view")
