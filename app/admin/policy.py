"""Who sees the background's work, and starts what has failed again."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("job.list", Relation.ADMINISTRATOR, scope="read")
policy("job.retry", Relation.ADMINISTRATOR)
