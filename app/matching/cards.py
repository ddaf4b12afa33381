"""A match as the card and the map mark of a page: words and figures in the reader's language, no decision of its own."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.catalogue.kinds import KINDS
from app.catalogue.sectors import SECTORS
from app.disclosure import anchor
from app.kernel.geometry import bearing_deg
from app.matching.queries import Pair
from app.needs import NeedView
from app.web import formatting
from app.web.geojson import geometry_json
from app.web.i18n import current_locale


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
    reasons = [_reason(pair, r) for r in pair.reasons if r.asked or not r.passed]
    if pair.uncertain:
        reasons.append({"text": _("Only roughly located for you: ask its owner. Figures are computed from a cell of about a kilometre."), "verdict": "warn"})
    if pair.change is not None:
        for reason in reasons:
            if reason["verdict"] == "fail":
                reason["change"] = pair.change.in_(locale)
                break
    return {
        "title": pair.listing.title, "href": url_for("matching.pair", ref=need.ref, listing_ref=listing.ref), "kind": KINDS[listing.kind],
        "sector": SECTORS[listing.sector].label.in_(locale), "facts": facts, "score": pair.score if pair.matches else None,
        "chip": None if pair.matches else (_("near miss") if pair.change is not None else _("does not fit"), "bad"),
        "terms": [{"label": t.label.in_(locale), "points": round(t.points, 1), "weight": t.weight} for t in pair.terms] if pair.matches else None,
        "reasons": reasons, "feature": listing.ref, "selected": selected,
    }


def _reason(pair: Pair, reason: Any) -> dict[str, Any]:
    return {"text": reason.sentence.in_(current_locale()), "verdict": "pass" if reason.passed else "fail"}


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
        "id": listing.ref, "label": pair.listing.title, "state": "cell" if pair.uncertain else state, "hue": KINDS[listing.kind].hue,
        "href": "#" + listing.ref,
    }
    if listing.geometry.geom_type == "Point":
        return mark | {"lon": listing.geometry.x, "lat": listing.geometry.y, "score": round(pair.score) if pair.matches else None}
    return mark | {"geometry": geometry_json(listing.geometry)}


def need_mark(need: NeedView) -> dict[str, Any]:
    if need.shape == "circle":
        return {"lon": need.geometry.x, "lat": need.geometry.y, "radius_m": need.radius_m}
    return geometry_json(need.geometry)
