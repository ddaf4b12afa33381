"""The page that shows listings as a list and on the map: what is chosen in words, the place searched around, the tiles' address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _

from app.assets import STATUSES as ASSET_STATUSES
from app.catalogue.kinds import KINDS
from app.catalogue.sectors import SECTORS
from app.listings.filters import ListingFilter
from app.listings.place import Near
from app.listings.rules import STATUSES
from app.regions import region_name
from app.web.formatting import day, distance, money, quantity, text
from app.web.geojson import geometry_json
from app.web.links import url_with
from app.web.writing import coordinates

PLACE = ("lon", "lat", "radius_m", "wkt", "crs")
TILES = "/maps/tiles/listings/{z}/{x}/{y}.mvt"


def place_mark(near: Near) -> dict[str, Any]:
    """The place as the macro `map` takes it."""
    if near.geometry.geom_type == "Point":
        return {"lon": near.geometry.x, "lat": near.geometry.y, "radius_m": near.radius_m}
    return geometry_json(near.geometry)


def tile_address(wanted: ListingFilter) -> str:
    """The tiles of the same listings. Where in the world is left to the map, which draws the place that is searched around."""
    named: dict[str, object | None] = {
        "kind": wanted.kind,
        "sector": wanted.sector,
        "region": wanted.region,
        "owner": wanted.owner,
        "q": wanted.q,
        "currency": wanted.currency,
        "price_minor_min": wanted.price_minor_min,
        "price_minor_max": wanted.price_minor_max,
        "height_m_min": wanted.height_m_min,
        "asset_status": wanted.asset_status,
        "tier": wanted.tier,
        "free_from": wanted.free_from,
        "free_until": wanted.free_until,
    }
    pairs = [(name, str(value)) for name, value in named.items() if value is not None]
    pairs += [("free", f"{name}:{amount:g}") for name, amount in wanted.free]
    return f"{TILES}?{urlencode(pairs)}" if pairs else TILES


def chips(wanted: ListingFilter, currency: str) -> list[tuple[str, str]]:
    """Every filter that is set, in words, with the address without it."""
    found: list[tuple[str, str]] = []

    def add(words: str, *names: str) -> None:
        found.append((words, url_with(**dict.fromkeys((*names, "after", "before")))))

    if wanted.q:
        add(_("“%(words)s”", words=wanted.q), "q")
    if wanted.kind:
        add(text(KINDS[wanted.kind].label) if wanted.kind in KINDS else wanted.kind, "kind", *_free_names(wanted))
    if wanted.sector:
        add(text(SECTORS[wanted.sector].label) if wanted.sector in SECTORS else wanted.sector, "sector")
    if wanted.region:
        add(text(region_name(wanted.region)), "region")
    if wanted.status and (wanted.is_mine or wanted.status != "published"):
        add(text(STATUSES[wanted.status]), "status")
    currency = wanted.currency or currency
    if wanted.currency:
        add(_("prices in %(currency)s", currency=wanted.currency), "currency", "price_from", "price_to")
    if wanted.price_minor_min is not None:
        add(_("from %(price)s", price=money(wanted.price_minor_min, currency)), "price_from", "price_minor_min")
    if wanted.price_minor_max is not None:
        add(_("up to %(price)s", price=money(wanted.price_minor_max, currency)), "price_to", "price_minor_max")
    if wanted.height_m_min is not None:
        add(_("from %(height)s high", height=quantity(wanted.height_m_min, "m")), "height_m_min")
    if wanted.asset_status:
        add(text(ASSET_STATUSES[wanted.asset_status]), "asset_status")
    if wanted.tier:
        add(_("exact place") if wanted.tier == "T2" else _("approximate place"), "tier")
    for name, amount in wanted.free:
        add(_free_words(wanted, name, amount), f"free.{name}", "free")
    if wanted.free_from or wanted.free_until:
        days = [day(found_on) for found_on in (wanted.free_from, wanted.free_until) if found_on]
        add(_("free in %(period)s", period=" – ".join(days)), "free_from", "free_until")
    if wanted.near:
        add(_place_words(wanted.near), *PLACE)
    if wanted.bbox:
        add(_("in the part of the map that was shown"), "bbox")
    return found


def search_words(wanted: ListingFilter, currency: str) -> list[str]:
    """What is looked for, a piece each."""
    return [words for words, _address in chips(wanted, currency)]


def _free_names(wanted: ListingFilter) -> list[str]:
    """Amounts are of the dimensions of a kind: without the kind they say nothing."""
    return [f"free.{name}" for name, _amount in wanted.free]


def _free_words(wanted: ListingFilter, name: str, amount: float) -> str:
    kind = KINDS[wanted.kind] if wanted.kind and wanted.kind in KINDS else None
    dimension = next((d for d in kind.dimensions if d.name == name), None) if kind else None
    if dimension is None:
        return f"{name} ≥ {amount:g}"
    return str(_("%(what)s: %(amount)s free", what=text(dimension.label), amount=quantity(amount, dimension.unit)))


def _place_words(near: Near) -> str:
    far = distance(near.radius_m)
    if near.geometry.geom_type == "Point":
        return str(_("within %(far)s of %(place)s", far=far, place=coordinates(near.geometry.x, near.geometry.y)))
    if near.geometry.geom_type.endswith("LineString"):
        return str(_("within %(far)s of the drawn line", far=far))
    return str(_("within %(far)s of the drawn area", far=far) if near.radius_m else _("in the drawn area"))
