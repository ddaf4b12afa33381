"""Who keeps a needs list, who answers its invitation, who consents to a merge."""

from __future__ import annotations

from app.kernel.permission import OFFICERS, WRITERS, Relation, policy

KEEP = policy("needs_list.keep", Relation.ADMINISTRATION, view="needs_list.view", scope="read")
INVITE = policy("needs_list.invite", Relation.ADMINISTRATION, roles=OFFICERS, view="needs_list.view")
ANSWER = policy("needs_list.answer", Relation.REQUESTER, roles=WRITERS, view="needs_list.view")
WORKBOOK = policy("needs_list.export", Relation.ADMINISTRATION, view="needs_list.view")
MERGE = policy("need.merge", Relation.ADMINISTRATION, roles=OFFICERS, view="need.own")
SEE_MERGE = policy("need_merge.view", Relation.REQUESTER, Relation.ADMINISTRATION)
CONSENT = policy("need_merge.answer", Relation.REQUESTER, roles=WRITERS, view="need_merge.view")
