"""Who may do what with assets. What of an asset is seen is decided by disclosure; here is who may look at all, and who may
change."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, WRITERS, Relation, policy

policy("kind.list", Relation.ANYONE)
policy("asset.list", Relation.SIGNED_IN)
policy("asset.view", Relation.SIGNED_IN)
policy("asset.register", Relation.OWNER, roles=DRAFTERS)
policy("asset.edit", Relation.OWNER, roles=DRAFTERS, view="asset.view")
policy("asset.grade", Relation.OWNER, roles=WRITERS, view="asset.view")
policy("asset.status", Relation.OWNER, roles=WRITERS, view="asset.view")
