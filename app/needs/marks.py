"""Entries on a map, each as precisely as its reader may see it."""

from __future__ import annotations

from typing import Any

import shapely
from flask import url_for

from app.catalogue.kinds import KINDS
from app.disclosure import cell_bounds
from app.needs.views import NeedView
from app.web.geojson import geometry_json


def need_mark(need: NeedView, state: str, href: str | None = None) -> dict[str, Any]:
    """As the macro `map` takes it. An approximate point is its cell, not a pin."""
    mark = {"id": need.ref, "label": need.title, "state": state, "hue": KINDS[need.kind].hue, **({"href": href} if href else {})}
    place = need.geometry
    if place.geom_type != "Point":
        return mark | {"geometry": geometry_json(place)}
    if not need.is_exact:
        return mark | {"geometry": geometry_json(shapely.box(*cell_bounds(place.x, place.y)))}
    return mark | {"lon": place.x, "lat": place.y}


def listed_mark(need: NeedView, for_listing: str | None = None) -> dict[str, Any]:
    """An entry of the list of needs, and where it leads."""
    address = (
        url_for("matching.why_not", ref=need.ref, listing=for_listing) if for_listing else url_for("matching.need", ref=need.ref)
    )
    return need_mark(need, "fits" if need.is_exact else "cell", address)
