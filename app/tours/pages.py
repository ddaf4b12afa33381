"""The page of the tours, and the steps between pages. Everything works without scripts: a step is a form and a page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.kernel.errors import fail
from app.tours.context import address
from app.tours.queries import own_walks
from app.tours.service import Decline, GoTo, decline, go_to, leave
from app.web.execute import ask, execute
from app.web.forms import typed
from app.web.links import safe_next
from app.web.policy import policy

blueprint = Blueprint("tours", __name__, url_prefix="/tour")


@blueprint.get("/")
@policy("tour.view")
def index() -> str:
    return render_template("tours/index.html", walks=ask(own_walks), address=address)


@blueprint.post("/<name>")
@policy("tour.take")
def go(name: str) -> Response:
    """To a step of a tour and to its page; behind the last step it is over."""
    place = typed("step") or "0"
    if not place.isdecimal() or len(place) > 3:
        raise fail("malformed")
    step = execute(go_to, GoTo(name, int(place)))
    if step is None:
        flash(_("That was the tour. It is in the menu of your account whenever you want it again."), "ok")
        return redirect(url_for("tours.index"), 303)
    return redirect(address(step), 303)


@blueprint.post("/<name>/decline")
@policy("tour.take")
def not_now(name: str) -> Response:
    execute(decline, Decline(name))
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.post("/leave")
@policy("tour.take")
def stop() -> Response:
    execute(leave, None)
    return redirect(safe_next(request.form.get("next")), 303)
