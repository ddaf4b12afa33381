"""Who may see and start allocations. Whole: the administration and the regulators of the region, the platform's administrator;
everybody else only the rows of own needs and own listings."""

from __future__ import annotations

from app.kernel.permission import OFFICERS, Relation, policy

ALLOCATION_LIST = policy("allocation.list", Relation.SIGNED_IN)
ALLOCATION_OWN = policy("allocation.own", Relation.SIGNED_IN, scope="read")
ALLOCATION_VIEW = policy(
    "allocation.view", Relation.ADMINISTRATOR, Relation.ADMINISTRATION, Relation.REGULATOR, view="allocation.own"
)
ALLOCATION_START = policy(
    "allocation.start", Relation.ADMINISTRATOR, Relation.ADMINISTRATION, roles=OFFICERS, view="allocation.own"
)
