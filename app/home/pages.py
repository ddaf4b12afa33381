"""`/`: what Infrashare is, for who is signed out; what waits, for who is signed in."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.web.policy import policy

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@policy("site.view")
def start() -> str:
    return render_template("home/welcome.html")
