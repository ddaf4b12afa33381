"""Who may import. Which rows a person may bring is decided row by row, by the policies of what the rows become."""

from __future__ import annotations

from app.kernel.permission import DRAFTERS, OFFICERS, WRITERS, Relation, policy

policy("import.list", Relation.SIGNED_IN)
policy("import.view", Relation.OWNER, Relation.ADMINISTRATOR)
policy("import.start", Relation.OWNER, roles=DRAFTERS | OFFICERS)
policy("import.settle", Relation.OWNER, roles=DRAFTERS | OFFICERS, states=("uploaded", "checked", "failed"), view="import.view")
policy(
    "import.check",
    Relation.OWNER,
    roles=DRAFTERS | OFFICERS,
    states=("uploaded", "checking", "checked", "failed"),
    view="import.view",
)
policy("import.commit", Relation.OWNER, roles=WRITERS | OFFICERS, states=("checked", "importing"), view="import.view")
policy("import.stop", Relation.OWNER, roles=WRITERS | OFFICERS, states=("importing",), view="import.view")
policy("import.undo", Relation.OWNER, roles=WRITERS | OFFICERS, states=("committed", "undoing"), view="import.view")
policy("import.discard", Relation.OWNER, roles=DRAFTERS | OFFICERS, states=("uploaded", "checked", "failed"), view="import.view")
policy("import.needs_for_all", Relation.ADMINISTRATION, roles=OFFICERS)
policy("import.new_organisations", Relation.ADMINISTRATION, Relation.ADMINISTRATOR, roles=OFFICERS)
