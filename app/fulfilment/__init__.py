"""After the entry into force: make-ready and who pays, installation, acceptance as built, the end and the removal."""

from __future__ import annotations

from app.fulfilment.building import entered_force
from app.fulfilment.settled import settled_items

__all__ = ["entered_force", "settled_items"]
