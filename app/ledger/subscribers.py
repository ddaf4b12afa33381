"""What the ledger does when something happens elsewhere."""

from __future__ import annotations

from app.ledger.slipping import tell_of_slip

SUBSCRIBERS = (tell_of_slip,)
