"""What a request by route does when something happened to one of its legs."""

from __future__ import annotations

from app.access.routes.legs import follow

SUBSCRIBERS = (follow,)
