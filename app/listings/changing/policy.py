"""Who may prepare, carry out and take back a bulk change. Whether each listing may be changed is decided one by one, by the policies
of single changes."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, Relation, policy

policy("bulk_change.list", Relation.SIGNED_IN)
policy("bulk_change.view", Relation.OWNER)
policy("bulk_change.start", Relation.OWNER, roles=DRAFTERS)
policy("bulk_change.preview", Relation.OWNER, roles=DRAFTERS, states=("selected", "previewed"), view="bulk_change.view")
policy("bulk_change.apply", Relation.OWNER, roles=DRAFTERS, states=("previewed",), view="bulk_change.view")
policy("bulk_change.undo", Relation.OWNER, roles=DRAFTERS, states=("applied",), view="bulk_change.view")
policy("bulk_change.discard", Relation.OWNER, roles=DRAFTERS, states=("selected", "previewed"), view="bulk_change.view")
