"""Everybody who is signed in reads the inbox of the organisation acted for."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("notice.list", Relation.SIGNED_IN)
policy("notice.read", Relation.SIGNED_IN)
