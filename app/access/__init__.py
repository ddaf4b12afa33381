"""Access requests: a requester's application on a match, the owner's answer on a clock, the offer and its hold."""

from __future__ import annotations

from app.access.answers import agree, check_allowed
from app.access.completeness import FindComplete, find_complete
from app.access.limits import stated_terms
from app.access.models import AccessRequest, Offer
from app.access.routes.legs import leg_lost, legs_together
from app.access.routes.service import agree_route
from app.access.service import holder_of, order_of

__all__ = [
    "AccessRequest",
    "FindComplete",
    "Offer",
    "agree",
    "agree_route",
    "check_allowed",
    "find_complete",
    "holder_of",
    "leg_lost",
    "legs_together",
    "order_of",
    "stated_terms",
]
