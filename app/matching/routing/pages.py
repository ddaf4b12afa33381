"""The route page: A and B, and what leads from one to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request

from app.catalogue.declaration import AssetKind
from app.catalogue.kinds import KINDS
from app.kernel.errors import DomainError
from app.kernel.geometry import distance_m
from app.kernel.text import Text
from app.matching.routing.forms import read_question, values_of
from app.matching.routing.marks import leg_id, marks, words
from app.matching.routing.queries import find_routes, listing_end, need_question, to_begin_with
from app.matching.routing.question import RouteQuestion, line_kinds
from app.matching.routing.terms import usual_terms
from app.matching.routing.views import RouteAnswer, RouteView
from app.web import formatting
from app.web.execute import ask, bus
from app.web.forms import field_errors
from app.web.i18n import current_locale
from app.web.policy import policy

blueprint = Blueprint("routes", __name__)


@blueprint.get("/routes")
@policy("route.find")
def index() -> str:
    """The form, and the answer below it once something is asked."""
    question, errors = _question()
    answer: RouteAnswer | None = None
    if question is not None:
        try:
            answer = ask(find_routes, question)
        except DomainError as error:
            if error.code != "invalid":
                raise
            errors = _named(field_errors(error))
    shown, usual = None if answer is None else _shown(answer, request.args.get("route")), ask(usual_terms)
    return render_template(
        "routes/index.html",
        values=request.args.to_dict() if question is None else values_of(question),
        beginnings=[] if answer is not None else ask(to_begin_with),
        terms=usual[0] if usual else None,
        currency=usual[1] if usual else None,
        errors=errors,
        answer=answer,
        shown=shown,
        features=[] if answer is None else marks(answer, shown),
        line_kinds=line_kinds(),
        facts=[] if question is None else _facts(question),
        leg_id=leg_id,
        leg_words=words,
    )


@blueprint.get("/needs/<ref>/route")
@policy("need.view")
def of_need(ref: str) -> str:
    """The route of an A–B need in short, for its page to fetch."""
    answer = ask(find_routes, ask(need_question, ref))
    return render_template("routes/_short.html", answer=answer, shown=_shown(answer, None))


@blueprint.context_processor
def helpers() -> dict[str, Any]:
    """What the parts of the page call by name."""
    return {
        "kinds": KINDS,
        "apart_m": _apart_m,
        "kind_options": _kind_options,
        "diversity_options": _diversity_options,
        "typed_place": _typed_place,
    }


def _typed_place(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    """What was typed of A or B, under the names of the fields of a place."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _apart_m(question: RouteQuestion) -> float:
    return distance_m(question.start.place, question.goal.place)


def _kind_options(kinds: list[AssetKind]) -> list[tuple[str, str]]:
    return [(kind.name, kind.label.in_(current_locale())) for kind in kinds]


DIVERSITY = {
    "risk": Text("section, site, duct, bridge or tunnel", "管段、站点、管道、桥梁或隧道"),
    "node": Text("section or joint", "管段或接头"),
    "edge": Text("section", "管段"),
    "none": Text("(no second way is needed)", "（不需要第二路由）"),
}
AT_MOST = Text("at most {limit}", "不超过 {limit}")


def _diversity_options() -> list[tuple[str, str]]:
    return [(name, words_.in_(current_locale())) for name, words_ in DIVERSITY.items()]


def _facts(question: RouteQuestion) -> list[str]:
    kind = question.asset_kind
    found = [
        f"{kind.label.in_(current_locale())} {formatting.quantity(question.units, kind.requirement(kind.quantity).unit)}",
        formatting.period(question.window_start, question.window_end),
    ]
    for name, end in (("A", question.start), ("B", question.goal)):
        found.append(f"{name} {end.label or f'{end.lon:.5f}, {end.lat:.5f}'}")
    if question.loss_budget_db is not None:
        found.append(AT_MOST.format(limit=formatting.quantity(question.loss_budget_db, "dB")).in_(current_locale()))
    if question.length_limit_m is not None:
        found.append(AT_MOST.format(limit=formatting.quantity(question.length_limit_m, "m")).in_(current_locale()))
    return found


def _question() -> tuple[RouteQuestion | None, dict[str, str]]:
    """What is asked: an A–B need, or what was typed; nothing on the first visit."""
    if need := request.args.get("need", "").strip():
        return ask(need_question, need), {}
    if "kind" not in request.args:
        return None, {}
    try:
        question, usual = read_question(request.args, bus().today(), lambda ref: ask(listing_end, ref)), ask(usual_terms)
        return replace(question, currency=usual[1]) if usual else question, {}
    except DomainError as error:
        if error.code != "invalid":
            raise
        return None, _named(field_errors(error))


FIELDS = {
    "from": "a_lon",
    "to": "b_lon",
    "window_end": "end",
    "length_limit_m": "length_limit_km",
    "handover_minor": "handover",
    "build_minor_m": "build",
}


def _named(errors: dict[str, str]) -> dict[str, str]:
    """Errors of the question at the fields of this form."""
    return {FIELDS.get(name, name): message for name, message in errors.items()}


def _shown(answer: RouteAnswer, key: Any) -> RouteView | None:
    """The route that is drawn: the one that was chosen, else the best."""
    pair = [] if answer.pair is None else [answer.pair.first, answer.pair.second]
    known = {route.key: route for route in (*answer.routes, *pair) if route is not None}
    return known.get(str(key)) or (answer.routes[0] if answer.routes else None)
