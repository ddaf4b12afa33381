"""What tours bring to every page: the bar of the tour that runs, its address in the account's menu, the offer on the start page."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request, url_for

from app.tours.queries import Walk, own_walks
from app.tours.rules import Step
from app.web.execute import ask, current_actor
from app.web.policy import may


def address(step: Step) -> str:
    query: dict[str, Any] = dict(step.query)
    return url_for(step.endpoint, **query)


def own() -> tuple[Walk, ...]:
    """Once per request; none for who may not take any, such as a program whose token reads nothing."""
    if current_actor().user_id is None or not may("tour.view"):
        return ()
    if "tour_walks" not in g:
        g.tour_walks = ask(own_walks)
    found: tuple[Walk, ...] = g.tour_walks
    return found


def tour_running() -> Walk | None:
    return next((walk for walk in own() if walk.status == "running"), None)


def tour_offered() -> Walk | None:
    """The first tour of who never began one."""
    walks = own()
    return walks[0] if walks and all(walk.status is None for walk in walks) else None


def on_its_page(walk: Walk) -> bool:
    return request.endpoint == walk.at.endpoint


def init(app: Flask) -> None:
    app.jinja_env.globals.update(
        tour_running=tour_running,
        tour_offered=tour_offered,
        tour_on_its_page=on_its_page,
        tour_address=address,
        tours_url=lambda: url_for("tours.index") if "tours.index" in app.view_functions else None,
    )
