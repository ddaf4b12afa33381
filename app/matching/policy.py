"""Who may see matches and run the engine. The match page of a need is under the need's own policy."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

RUN_COMPARE = policy("match_run.compare", Relation.ADMINISTRATOR, Relation.ADMINISTRATION)
RUN_LIST = policy("match_run.list", Relation.ADMINISTRATOR, Relation.ADMINISTRATION, Relation.EVALUATOR)
RUN_START = policy("match_run.start", Relation.ADMINISTRATOR, Relation.ADMINISTRATION)
