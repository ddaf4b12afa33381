"""Pages of requests by route: the list, one request with its legs, the next best route where a leg failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.access.blueprint import TONES as LEG_TONES
from app.access.routes.bundles import AskBundle, Chosen, TakeOtherMatch, ask_bundle, take_other_match
from app.access.routes.choosing import bundle_choices, next_matches
from app.access.routes.finding import next_route
from app.access.routes.queries import list_routes, route_detail, route_history
from app.access.routes.rules import ROUTE
from app.access.routes.service import AskRoute, MoveRoute, TakeOtherRoute, ask_route, take_other_route, withdraw_route
from app.access.routes.views import RouteRequestView
from app.access.rules import REQUEST
from app.catalogue.kinds import KINDS
from app.db.work import UnitOfWork
from app.kernel.errors import DomainError
from app.web.execute import ask, execute
from app.web.forms import field_errors, typed, version_typed
from app.web.i18n import current_locale
from app.web.pagination import Page, asked, links
from app.web.policy import policy
from app.web.steps import LifeStep, life_steps

blueprint = Blueprint("route_requests", __name__, url_prefix="/route-requests")
TONES = {"open": "warn", "standing": "ok", "broken": "bad", "agreed": "ok", "withdrawn": "out"}


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {"route_states": ROUTE.states, "route_tones": TONES, "leg_states": REQUEST.states, "leg_tones": LEG_TONES}


@blueprint.get("/")
@policy("route_request.list")
def index() -> str:
    paging, status = asked(25), request.args.get("status") or None
    found = ask(list_routes, status, None, paging.limit, paging.after, paging.before)
    following, previous = links(Page(found.results, found.count, found.after, found.before))
    options = [(name, text.in_(current_locale())) for name, text in ROUTE.states.items()]
    return render_template(
        "route_requests/list.html", found=found, status=status, following=following, previous=previous, state_options=options
    )


@blueprint.post("/")
@policy("route_request.create")
def create() -> Response:
    """From the page of routes: ask every owner of the route that was seen."""
    need, refs = typed("need"), tuple(request.form.getlist("listing"))
    try:
        ref = execute(ask_route, AskRoute(need, refs, typed("message") or None))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
        return redirect(url_for("routes.index", need=need), 303)
    flash(_("Every owner on the route is asked. Their clocks run."), "ok")
    return redirect(url_for("route_requests.show", ref=ref), 303)


@blueprint.get("/<ref>")
@policy("route_request.view")
def show(ref: str) -> str:
    view = ask(route_detail, ref)
    return render_template("route_requests/show.html", view=view, rows=ask(route_history, ref), life=life_of(view))


@blueprint.get("/<ref>/next")
@policy("route_request.view")
def other(ref: str) -> str:
    """The next best route, for the page to fetch."""
    view, answer = ask(route_detail, ref), ask(next_route, ref)
    return render_template(
        "route_requests/_next.html", view=view, answer=answer, route=answer.routes[0] if answer.routes else None
    )


@blueprint.post("/<ref>/reroute")
@policy("route_request.move")
def reroute(ref: str) -> Response:
    command = TakeOtherRoute(ref, tuple(request.form.getlist("listing")), version_typed())
    return _act(take_other_route, command, ref, _("The other route is taken. Its new owners are asked, what stood is kept."))


@blueprint.get("/bundles/<ref>")
@policy("bundle.edit")
def bundle(ref: str) -> str:
    """Every need of a bundle with its best matches: choose one for each."""
    return render_template("route_requests/bundle.html", ref=ref, choices=ask(bundle_choices, ref), kinds=KINDS)


@blueprint.post("/bundles/<ref>")
@policy("route_request.create")
def create_for_bundle(ref: str) -> Response:
    try:
        made = execute(ask_bundle, AskBundle(ref, tuple(map(_chosen, request.form.getlist("need"))), typed("message") or None))
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
        return redirect(url_for("route_requests.bundle", ref=ref), 303)
    flash(_("Every owner of the bundle is asked. Their clocks run."), "ok")
    return redirect(url_for("route_requests.show", ref=made), 303)


@blueprint.get("/<ref>/next-matches")
@policy("route_request.view")
def other_matches(ref: str) -> str:
    """The next best match of each need of which a leg failed, for the page to fetch."""
    return render_template(
        "route_requests/_next_matches.html", view=ask(route_detail, ref), choices=ask(next_matches, ref), kinds=KINDS
    )


@blueprint.post("/<ref>/replace")
@policy("route_request.move")
def replace(ref: str) -> Response:
    command = TakeOtherMatch(ref, _chosen(typed("need")), version_typed())
    return _act(take_other_match, command, ref, _("The other match is asked for. What stood is kept."))


def _chosen(need: str) -> Chosen:
    """With what a need is to be asked for: an option carries the refs of its listings."""
    return Chosen(need, tuple(typed(f"option.{need}").split()))


@blueprint.post("/<ref>/withdraw")
@policy("route_request.move")
def withdraw(ref: str) -> Response:
    return _act(withdraw_route, MoveRoute(ref, version_typed()), ref, _("The request is withdrawn with all its legs."))


def life_of(view: RouteRequestView) -> list[LifeStep]:
    """The life of a request by route as steps."""
    place = {"open": 0, "broken": 0, "standing": 1, "agreed": 3, "withdrawn": 0}[view.status]
    names = [view.status if view.status in ("broken", "withdrawn") else "open", "standing", "agreed"]
    failed = view.status in ("broken", "withdrawn")
    return life_steps([ROUTE.states[name] for name in names], place, failed=failed)


def _let_through(error: DomainError) -> None:
    """What is no matter of what was typed is answered by the error page."""
    if int(error.type.status) not in (409, 412, 422):
        raise error


def _act(use_case: Callable[[UnitOfWork, Any], Any], command: Any, ref: str, message: str) -> Response:
    try:
        execute(use_case, command)
    except DomainError as error:
        _let_through(error)
        flash(" ".join(field_errors(error).values()), "bad")
    else:
        flash(message, "ok")
    return redirect(url_for("route_requests.show", ref=ref), 303)
