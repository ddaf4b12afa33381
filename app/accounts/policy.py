"""Who may do what with people, organisations and credentials. Credentials are never managed with a token: scope `session`."""

from __future__ import annotations

from app.kernel.actor import Role
from app.kernel.permission import Relation, policy

ADMINS = frozenset({Role.ADMIN})

policy("session.start", Relation.ANYONE, scope="session")
policy("session.end", Relation.ANYONE, scope="session")
policy("session.switch", Relation.SIGNED_IN, scope="session")
policy("account.view", Relation.SIGNED_IN)
policy("account.edit", Relation.SIGNED_IN, scope="session")
policy("account.prove", Relation.SIGNED_IN, scope="write")
policy("person.deactivate", Relation.ADMINISTRATOR, scope="session")

policy("organisation.list", Relation.SIGNED_IN)
policy("organisation.view", Relation.SIGNED_IN)
policy("organisation.create", Relation.ADMINISTRATOR)
policy("organisation.manage", Relation.ADMINISTRATOR, scope="read")
policy("organisation.edit", Relation.OWNER, Relation.ADMINISTRATOR, roles=ADMINS, view="organisation.view")
policy("organisation.govern", Relation.ADMINISTRATOR, view="organisation.view")  # kind, sector, parent, competences, deactivation

policy("member.list", Relation.OWNER, Relation.ADMINISTRATOR)
policy("member.invite", Relation.OWNER, Relation.ADMINISTRATOR, roles=ADMINS, view="member.list", scope="session")
policy("member.end", Relation.OWNER, Relation.ADMINISTRATOR, roles=ADMINS, view="member.list", scope="session")
policy("agency.grant", Relation.OWNER, roles=ADMINS, view="member.list", scope="session")
policy("agency.end", Relation.OWNER, roles=ADMINS, view="member.list", scope="session")

policy("token.list", Relation.SIGNED_IN)
policy("token.create", Relation.SIGNED_IN, scope="session")
policy("token.revoke", Relation.SIGNED_IN)
