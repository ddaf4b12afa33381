"""Whether a geometry in longitude and latitude is sound and fits what it is to place. Arrays in, the first fault of each out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.exchange.reading.limits import VERTEX_LIMIT
from app.kernel.invalid import invalid_reason
from app.kernel.text import Text

Shapes = NDArray[Any]
Fault = tuple[str, dict[str, Any]]
POINT, LINE, AREA = "point", "line", "area"
FORM_OF_TYPE = {0: POINT, 1: LINE, 3: AREA, 4: POINT, 5: LINE, 6: AREA}
FORMS = {POINT: Text("point", "点"), LINE: Text("line", "线"), AREA: Text("polygon", "面")}
NAMES = {
    0: Text("a point", "点"),
    1: Text("a line", "线"),
    2: Text("a ring", "环"),
    3: Text("a polygon", "面"),
    4: Text("several points", "多点"),
    5: Text("several lines", "多线"),
    6: Text("several polygons", "多面"),
    7: Text("a collection", "几何集合"),
}


def single(shapes: Shapes) -> Shapes:
    """Multi-geometries and collections of one part as that part; lines that join end to end as one line. Others unchanged."""
    out = shapes.copy()
    types = shapely.get_type_id(out)
    for n in np.flatnonzero(types >= 4).tolist():
        shape = out[n]
        if types[n] == 5:
            shape = shapely.line_merge(shape)
        while shapely.get_type_id(shape) >= 4 and shapely.get_num_geometries(shape) == 1:
            shape = shapely.get_geometry(shape, 0)
        out[n] = shape
    return out


def faults(shapes: Shapes) -> dict[int, Fault]:
    """Index → what is wrong with the geometry itself. O(vertices)."""
    found: dict[int, Fault] = {}
    counts = shapely.get_num_coordinates(shapes)
    for n in np.flatnonzero(counts > VERTEX_LIMIT).tolist():
        found[n] = ("geometry_points", {"count": int(counts[n]), "limit": VERTEX_LIMIT})
    bounds = shapely.bounds(shapes)
    for n in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180).tolist():
        found.setdefault(n, ("antimeridian", {}))
    types = shapely.get_type_id(shapes)
    for n in np.flatnonzero((types == 1) & (shapely.length(shapes) == 0)).tolist():
        found.setdefault(n, ("line_short", {}))
    polygons = np.flatnonzero((types == 3) | (types == 6))
    for n in polygons[~shapely.is_valid(shapes[polygons])].tolist():
        found.setdefault(n, ("geometry_invalid", {"why": invalid_reason(shapely.is_valid_reason(shapes[n]))}))
    return found


def form_of(shape: Any) -> str | None:
    """point, line or area; None for what is several things."""
    kind = int(shapely.get_type_id(shape))
    return FORM_OF_TYPE[kind] if kind in (0, 1, 3, 6) else None


def wrong_form(shape: Any, wanted: Sequence[str], kind: Text) -> Fault | None:
    """The fault of a geometry that is none of the forms in which a kind is placed."""
    if form_of(shape) in wanted:
        return None
    words = Text(" or ".join(FORMS[form].en for form in wanted), "或".join(FORMS[form].zh for form in wanted))
    return "geometry_kind", {"kind": kind, "wanted": words, "found": NAMES[int(shapely.get_type_id(shape))]}
