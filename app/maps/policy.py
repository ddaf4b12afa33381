"""Who may see map tiles: boundaries are for everybody, listings for who is signed in, each at the viewer's tier."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

BOUNDARIES = policy("map.boundaries", Relation.ANYONE, scope="read")
TILES = policy("map.view", Relation.SIGNED_IN)
