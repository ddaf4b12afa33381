"""Who may ask for a whole route. It names several owners: each of them sees its own leg, only the requester and the
administration see all."""

from __future__ import annotations

from app.kernel.permission import WRITERS, Relation, policy

policy("route_request.list", Relation.SIGNED_IN)
policy("route_request.view", Relation.REQUESTER, Relation.ADMINISTRATION)
policy("route_request.create", Relation.REQUESTER, roles=WRITERS)
policy("route_request.move", Relation.REQUESTER, roles=WRITERS, view="route_request.view")
