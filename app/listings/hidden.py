"""What is open and may only be counted: by kind and cell of the grid, the same counts for everybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from app.db.spatial import bbox
from app.db.work import Reader
from app.disclosure import anchor
from app.listings.models import Listing
from app.listings.place import Bounds


@dataclass(frozen=True, slots=True)
class HiddenCell:
    """Open listings of a kind that may only be counted, in one cell of the grid."""

    kind: str
    lon: float
    lat: float
    count: int


def hidden_cells(reader: Reader, bounds: Bounds) -> list[HiddenCell]:
    """Open listings that are only counted, by kind and cell of the grid: the same counts for everybody."""
    reader.permit("listing.list")
    rows = reader.session.execute(
        select(Listing.kind, Listing.face_geom).where(
            Listing.status == "published", Listing.face_tier == "T0", bbox(Listing.face_geom, *bounds)
        )
    )
    counts = Counter((kind, anchor(geometry)) for kind, geometry in rows)
    return [HiddenCell(kind, lon, lat, count) for (kind, (lon, lat)), count in sorted(counts.items())]
