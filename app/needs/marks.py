"""Entries on a map, each as precisely as its reader may see it."""

from __future__ import annotations

from typing import Any

import shapely
from flask import url_for

from app.catalogue.kinds import KINDS
from app.disclosure import cell_bounds
from app.needs.views import NeedView
from app.web.geojson import geometry_json


def listed_mark(need: NeedView, for_listing: str | None = None) -> dict[str, Any]:
    """As the macro `map` takes it: an entry of the list, and where it leads. An approximate point is its cell, not a pin."""
    href = (
        url_for("matching.why_not", ref=need.ref, listing=for_listing) if for_listing else url_for("matching.need", ref=need.ref)
    )
    state, hue, place = "fits" if need.is_exact else "cell", KINDS[need.kind].hue, need.geometry
    mark = {"id": need.ref, "label": need.title, "state": state, "hue": hue, "href": href}
    if place.geom_type != "Point":
        return mark | {"geometry": geometry_json(place)}
    if not need.is_exact:
        return mark | {"geometry": geometry_json(shapely.box(*cell_bounds(place.x, place.y)))}
    return mark | {"lon": place.x, "lat": place.y}
