"""Who may do what with rent: the parties read, managers of the supplier bill. Which of the parties supplies is a fact of each
line."""

from __future__ import annotations

from app.kernel.permission import WRITERS, Relation, policy

policy("rent.view", Relation.OWNER, Relation.REQUESTER, view="agreement.view")
policy("rent.bill", Relation.OWNER, Relation.REQUESTER, roles=WRITERS, view="agreement.view")
