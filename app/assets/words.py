"""The words and tables that pages of assets and listings share, as template names."""

from __future__ import annotations

from typing import Any

import shapely

from app.assets.changes import change_words
from app.assets.place import geojson
from app.assets.queries import AssetDetail
from app.assets.rules import CONSENTS, GRADES, LIFE, PROVENANCES, STATUSES
from app.catalogue.kinds import KINDS
from app.catalogue.sectors import SECTORS
from app.catalogue.tiers import TIERS, Tier
from app.disclosure import anchor, cell_bounds
from app.kernel.text import Text
from app.kernel.timewindow import FAR
from app.regions import region_name
from app.web.formatting import text

STATUS_TONES = {"operational": "ok", "inactive": "warn", "retired": "bad"}


def options(table: dict[str, Text] | Any) -> list[tuple[str, str]]:
    """A table of words as the options of a select."""
    return [(value, text(label)) for value, label in table.items()]


def detail_feature(detail: AssetDetail) -> dict[str, Any]:
    """The asset as one mark of a map."""
    lon, lat = anchor(detail.face.geometry)
    if not detail.face.is_exact:
        cell = shapely.box(*cell_bounds(lon, lat))
        return {"id": detail.ref, "geometry": geojson(cell), "label": text(detail.kind.label), "state": "cell"}
    found = {
        "id": detail.ref,
        "lon": lon,
        "lat": lat,
        "label": detail.face.name or text(detail.kind.label),
        "hue": detail.kind.hue,
    }
    if detail.face.geometry.geom_type != "Point":
        found["geometry"] = geojson(detail.face.geometry)
    return {**found, "state": "mine"}


def register_words() -> dict[str, Any]:
    """For a blueprint's context processor."""
    return {
        "kinds": KINDS.as_mapping(),
        "kind_options": [(kind.name, text(kind.plural)) for kind in KINDS.all()],
        "sector_options": [(sector.code, text(sector.label)) for sector in SECTORS.values()],
        "sectors": SECTORS,
        "asset_statuses": STATUSES,
        "status_options": options(STATUSES),
        "status_tones": STATUS_TONES,
        "consents": CONSENTS,
        "consent_options": options(CONSENTS),
        "grades": GRADES,
        "grade_options": options(GRADES),
        "provenances": PROVENANCES,
        "asset_life": LIFE,
        "region_name": region_name,
        "change_words": change_words,
        "tiers": TIERS,
        "Tier": Tier,
        "FAR": FAR,
        "anchor": anchor,
        "detail_feature": detail_feature,
    }
