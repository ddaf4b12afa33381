"""`/`: what Infrashare is, for who is signed out; what waits, for who is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.home.queries import home
from app.web.execute import ask, bus, current_actor
from app.web.policy import policy

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@policy("site.view")
def start() -> str:
    if current_actor().is_anonymous:
        return render_template("home/welcome.html")
    return render_template("home/home.html", home=ask(home), today=bus().today())
