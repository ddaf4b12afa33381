"""/maps: vector tiles of boundaries and listings; regions to choose from by their names."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, jsonify, render_template, request
from shapely.geometry import mapping

from app.catalogue.regions import LEVEL_NAMES
from app.kernel.errors import fail
from app.listings import tile_filter
from app.maps.boundaries import boundary_tile
from app.maps.listings import listing_tile
from app.regions import region_choices
from app.web.execute import ask
from app.web.i18n import current_locale
from app.web.placeform import parse_place
from app.web.policy import policy

blueprint = Blueprint("maps", __name__, url_prefix="/maps")
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


def _answer(body: bytes, cache: str) -> Response:
    response = Response(body, mimetype=MEDIA_TYPE)
    response.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest())
    response.headers["Cache-Control"] = cache
    response.make_conditional(request)
    return response


@blueprint.get("/boundaries/<int:z>/<int:x>/<int:y>.mvt")
@policy("map.boundaries")
def boundaries(z: int, x: int, y: int) -> Response:
    try:
        body = boundary_tile(z, x, y)
    except ValueError:
        raise fail("not_found") from None
    return _answer(body, "public, max-age=86400")


@blueprint.get("/tiles/listings/<int:z>/<int:x>/<int:y>.mvt")
@policy("map.view")
def listings(z: int, x: int, y: int) -> Response:
    try:
        body = ask(listing_tile, z, x, y, tile_filter(request.args))
    except ValueError:
        raise fail("not_found") from None
    return _answer(body, "private, max-age=30")


@blueprint.post("/place")
@policy("site.use")
def place() -> Response:
    """What the fields of a place say, for the map beside them: a GeoJSON geometry in WGS-84, or what is wrong by field."""
    found, problems = parse_place(request.form)
    if found is None:
        locale = current_locale()
        return jsonify({"errors": {(p.pointer or "/").strip("/"): p.detail.in_(locale) for p in problems}})
    return jsonify({"geometry": mapping(found.geometry), "radius_m": found.radius_m})


@blueprint.get("/regions")
@policy("map.boundaries")
def regions() -> str:
    """The choices for what is typed, as the options of a list."""
    return render_template("maps/_regions.html", choices=region_choices(request.args.get("region", "")), levels=LEVEL_NAMES)
