"""What requests by route bring to every page: `leg_of(request ref)`, `route_request_of(need ref)`, their page for links."""

from __future__ import annotations

from flask import Flask

from app.access.routes.queries import LegOf, leg_of, open_route_of_need
from app.web.execute import ask
from app.web.subjects import subject_page


def _leg(request_ref: str) -> LegOf | None:
    return ask(leg_of, request_ref)


def _route(need_ref: str) -> str | None:
    return ask(open_route_of_need, need_ref)


def init(app: Flask) -> None:
    app.jinja_env.globals["leg_of"] = _leg
    app.jinja_env.globals["route_request_of"] = _route
    subject_page("route_request", "route_requests.show")
