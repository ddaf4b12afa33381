"""Who may do what with working calendars. Everybody whose dates they decide may read them; the platform's administrator loads."""

from __future__ import annotations

from app.kernel.permission import Relation, policy

policy("calendar.list", Relation.SIGNED_IN)
policy("calendar.view", Relation.SIGNED_IN)
policy("calendar.load", Relation.ADMINISTRATOR, view="calendar.view")
