"""Who may do what with listings. How precisely one is seen is decided by disclosure."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, WRITERS, Relation, policy

policy("listing.list", Relation.SIGNED_IN)
policy("listing.view", Relation.SIGNED_IN)
policy("listing.create", Relation.OWNER, roles=DRAFTERS)
policy("listing.edit", Relation.OWNER, roles=DRAFTERS, view="listing.view")
policy("listing.edit_open", Relation.OWNER, roles=WRITERS, view="listing.view")
policy("listing.publish", Relation.OWNER, roles=WRITERS, view="listing.view")
policy("listing.suspend", Relation.OWNER, roles=WRITERS, view="listing.view")
policy("listing.resume", Relation.OWNER, roles=WRITERS, view="listing.view")
policy("listing.withdraw", Relation.OWNER, roles=WRITERS, view="listing.view")
