"""Groups and needs as marks on a map. Who may see what of a group was decided by queries.py."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import shapely
from flask_babel import gettext as _

from app.catalogue.kinds import KINDS
from app.matching.cobuilding.gap_queries import GroupMark
from app.matching.cobuilding.queries import GroupView, SectionView
from app.needs import NeedView
from app.web.geojson import geometry_json

Line = tuple[tuple[float, float], ...]


def group_features(group: GroupMark) -> list[dict[str, Any]]:
    """The site of a tower; of a trench its lines."""
    mark: dict[str, Any] = {"id": group.ref, "label": _("Site of a group"), "state": "fits", "hue": KINDS[group.kind].hue}
    if not group.lines:
        return [mark | {"lon": group.lon, "lat": group.lat}]
    drawn = shapely.MultiLineString([part for line in group.lines for part in parted(line)])
    return [mark | {"label": _("Joint trench"), "geometry": geometry_json(drawn)}]


def detail_features(group: GroupView) -> list[dict[str, Any]]:
    """One group: before all consented the cell of one's own need, then where it is built and for whom."""
    if group.opened is None:
        cell = geometry_json(shapely.box(*group.cell))
        return [{"id": group.ref, "label": _("Your need is here"), "state": "cell", "geometry": cell}]
    hue = KINDS[group.kind].hue
    if group.opened.sections:
        built = [_section(group, number, section, hue) for number, section in enumerate(group.opened.sections)]
    else:
        site = {"id": group.ref, "label": _("Site of a group"), "hue": hue, "state": "fits"}
        built = [site | {"lon": group.opened.lon, "lat": group.opened.lat}]
    members = [_need(m.need_ref, m.title, m.geometry, "mine" if m.own else "near", hue) for m in group.members]
    return members + built


def _section(group: GroupView, number: int, section: SectionView, hue: str) -> dict[str, Any]:
    label = (
        _("%(count)s members dig here", count=len(section.need_refs)) if len(section.need_refs) > 1 else _("one member digs here")
    )
    drawn = shapely.MultiLineString(parted(section.line))
    return {"id": f"{group.ref}-{number}", "label": label, "state": "fits", "hue": hue, "geometry": geometry_json(drawn)}


def parted(line: Line) -> list[Line]:
    """A line in parts that a map can draw: cut where it crosses the antimeridian."""
    parts: list[list[tuple[float, float]]] = [[line[0]]]
    for (x, y), (u, v) in pairwise(line):
        if abs(u - x) <= 180:
            parts[-1].append((u, v))
            continue
        side = 180.0 if x > 0 else -180.0
        share = (side - x) / (u + 2 * side - x)
        middle = y + (v - y) * share
        parts[-1].append((side, middle))
        parts.append([(-side, middle), (u, v)])
    return [tuple(part) for part in parts if len(part) > 1]


def need_feature(need: NeedView) -> dict[str, Any]:
    return _need(need.ref, need.title, need.geometry, "near", KINDS[need.kind].hue)


def _need(ref: str, title: str, geometry: Any, state: str, hue: str) -> dict[str, Any]:
    mark = {"id": ref, "label": title, "state": state, "hue": hue}
    if geometry.geom_type == "Point":
        return mark | {"lon": geometry.x, "lat": geometry.y}
    return mark | {"geometry": geometry_json(geometry)}
