"""A match as the card and the map mark of a page: words and figures in the reader's language, no decision of its own."""

from __future__ import annotations

from typing import Any

import shapely
from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.catalogue.kinds import KINDS
from app.catalogue.sectors import SECTORS
from app.disclosure import anchor, cell_bounds
from app.kernel.geometry import bearing_deg
from app.matching.queries import Pair, ReasonView, Term
from app.needs import ENTRY, OUTCOMES, NeedView
from app.web import formatting
from app.web.geojson import geometry_json
from app.web.i18n import current_locale

TOLD = 3  # reasons on a card; its page has them all


def card(pair: Pair, need: NeedView, *, selected: bool = False) -> dict[str, Any]:
    """What the macro `match_card` takes."""
    listing, locale = pair.listing, current_locale()
    facts = [listing.owner.in_(locale), _where(pair, need)]
    if listing.price_minor is None:
        facts.append(_("price on request"))
    else:
        facts.append(_("%(price)s a year each", price=formatting.money(listing.price_minor, listing.currency)))
    if listing.assumed:
        facts.append(_("some values are assumed"))
    reasons = [_reason(r) for r in telling(pair)]
    if pair.uncertain:
        reasons.append(
            {
                "text": _("Only roughly located for you: ask its owner. Figures are computed from a cell of about a kilometre."),
                "verdict": "warn",
            }
        )
    if pair.change is not None:
        for reason in reasons:
            if reason["verdict"] == "fail":
                reason["change"] = formatting.text(pair.change)
                break
    return {
        "title": pair.listing.title,
        "href": url_for("matching.pair", ref=need.ref, listing_ref=listing.ref),
        "kind": KINDS[listing.kind],
        "sector": SECTORS[listing.sector].label.in_(locale),
        "facts": facts,
        "score": pair.fit if pair.matches else None,
        "policy": pair.policy,
        "chip": None if pair.matches else (_("near miss") if pair.change is not None else _("does not fit"), "bad"),
        "terms": [term(t) for t in pair.terms if t.points or not t.is_policy] if pair.matches else None,
        "reasons": reasons,
        "feature": listing.ref,
        "selected": selected,
    }


def term(of: Term) -> dict[str, Any]:
    """What the macro `terms` takes; a term of policy says where its points come from."""
    source = None if of.source is None else of.source.text.in_(current_locale())
    return {"label": of.label.in_(current_locale()), "points": round(of.points, 1), "weight": of.weight, "source": source}


def telling(pair: Pair) -> list[ReasonView]:
    """The reasons that decide: everything that fails, else the tightest of what was asked for."""
    failed = [reason for reason in pair.reasons if not reason.passed]
    earned = {term.name: term.points / term.weight for term in pair.terms if not term.is_policy}
    asked = [reason for reason in pair.reasons if reason.passed and reason.asked and reason.name in earned]
    return failed or sorted(asked, key=lambda reason: earned[reason.name])[:TOLD]


def _reason(reason: ReasonView) -> dict[str, Any]:
    return {"text": formatting.text(reason.sentence), "verdict": "pass" if reason.passed else "fail"}


def _where(pair: Pair, need: NeedView) -> str:
    """Distance and direction from the need's middle; a route or area has no direction."""
    far = formatting.distance(pair.distance_m)
    if need.shape != "circle" or pair.uncertain or pair.distance_m < 1:
        return str(_("about %(distance)s away", distance=far)) if pair.uncertain else far
    lon, lat = anchor(need.geometry)
    to = anchor(pair.listing.geometry)
    return str(_("%(distance)s %(direction)s", distance=far, direction=formatting.bearing(bearing_deg((lon, lat), to))))


def feature(pair: Pair, state: str) -> dict[str, Any]:
    """The listing's mark on the map; a cell where it is only roughly known."""
    listing = pair.listing
    mark: dict[str, Any] = {
        "id": listing.ref,
        "label": listing.title,
        "state": "cell" if pair.uncertain else state,
        "hue": KINDS[listing.kind].hue,
        "href": "#" + listing.ref,
    }
    if listing.geometry.geom_type != "Point":
        return mark | {"geometry": geometry_json(listing.geometry)}
    if pair.uncertain:
        return mark | {"geometry": cell_json(listing.geometry)}
    return mark | {"lon": listing.geometry.x, "lat": listing.geometry.y, "score": round(pair.fit) if pair.matches else None}


def cell_json(place: shapely.Geometry) -> dict[str, Any]:
    """The cell of the grid that stands for everything in it."""
    return geometry_json(shapely.box(*cell_bounds(*anchor(place))))


def need_mark(need: NeedView) -> dict[str, Any]:
    if need.shape == "circle":
        return {"lon": need.geometry.x, "lat": need.geometry.y, "radius_m": need.radius_m}
    return geometry_json(need.geometry)


def rough_mark(need: NeedView) -> dict[str, Any]:
    """A need that is shown roughly: the cell of a point or area, the line through the cells of a route."""
    place = cell_json(need.geometry) if need.geometry.geom_type == "Point" else geometry_json(need.geometry)
    return {"id": need.ref, "label": need.title, "state": "cell", "geometry": place}


LIFE = ("draft", "submitted", "published", "matched", "left")


def life(need: NeedView) -> list[dict[str, str]]:
    """The steps of an entry for the head of its page; the last is named by its outcome."""
    locale, now = current_locale(), LIFE.index(need.status)
    words = {state: ENTRY.states[state].in_(locale) for state in LIFE}
    if need.outcome:
        words["left"] = OUTCOMES[need.outcome].in_(locale)
    state_of = {-1: "done", 0: "current", 1: "todo"}
    return [{"label": words[state], "state": state_of[(place > now) - (place < now)]} for place, state in enumerate(LIFE)]


def facts(need: NeedView) -> list[Markup | str]:
    """The need in one line: what is asked, how far to look, when, for how much."""
    locale, kind, strong = current_locale(), KINDS[need.kind], Markup('{} <b class="num">{}</b>')
    found: list[Markup | str] = [
        strong.format(declared.label.in_(locale), formatting.field_value(need.requirements[declared.name], declared))
        for declared in kind.requirements
        if need.requirements.get(declared.name)
    ]
    found += [_reach(need), Markup('<b class="num">{}</b>').format(formatting.period(need.window_start, need.window_end))]
    if need.budget_minor is not None:
        found.append(_("up to %(budget)s a year", budget=formatting.money(need.budget_minor, need.currency)))
    return found


def _reach(need: NeedView) -> str:
    far = formatting.distance(need.radius_m)
    if need.shape == "circle":
        return str(_("within %(distance)s", distance=far))
    if need.shape == "route":
        return str(_("along the route, within %(distance)s of it", distance=far))
    return str(_("in the area or within %(distance)s of it", distance=far) if need.radius_m else _("in the area"))
