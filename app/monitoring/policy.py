"""Who may read which board: everybody the numbers of their own organisations; who oversees, those of its competence."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("board.view", Relation.SIGNED_IN)
policy("board.oversee", Relation.ADMINISTRATION, Relation.REGULATOR, Relation.EVALUATOR, scope="read")
