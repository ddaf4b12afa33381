"""Corridor lines that joint trenches follow: an administration loads a layer of roads, railways or other lines, and takes it away
again. Either has the groups reckoned anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import shapely
from sqlalchemy import insert, select

from app.accounts import OrganisationName, administration_of, names
from app.db.work import Reader, UnitOfWork
from app.kernel.actor import Actor
from app.kernel.errors import declare, fail
from app.kernel.event import Event
from app.kernel.geometry import GEOD
from app.kernel.permission import Subject
from app.kernel.text import Text
from app.matching.cobuilding.models import Corridor, CorridorLayer
from app.matching.cobuilding.queries import watches

CORRIDOR_SORTS: dict[str, Text] = {
    "road": Text("Roads", "道路"),
    "rail": Text("Railways", "铁路与轨道"),
    "power": Text("Power lines", "电力线路"),
    "pipeline": Text("Pipelines", "油气管线"),
    "other": Text("Other lines", "其他线路"),
}
MOST_CORRIDOR_LINES, MOST_POINTS, POLAR_LAT = 50_000, 2_000_000, 89.0

declare(
    "no_corridor_lines",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The file holds no line that a trench could follow.",
    "文件中没有管沟可依循的线。",
)
declare(
    "too_many_corridor_lines",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "A layer holds up to {lines} lines with {points} points; this one has {found}. Cut it to the region.",
    "一个图层最多 {lines} 条线、{points} 个点，此文件为 {found}，请裁剪至本地区。",
)
declare(
    "corridor_out_of_range",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Line {row} lies outside longitude ±180 and latitude ±89.",
    "第 {row} 条线超出经度 ±180、纬度 ±89 的范围。",
)


@dataclass(frozen=True, slots=True)
class LineIn:
    """A line in WGS-84 longitude and latitude."""

    name: str | None
    line: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class LoadLayer:
    region: str
    name: str
    sort: str
    source: str
    declared_crs: str
    lines: tuple[LineIn, ...]


@dataclass(frozen=True, slots=True)
class LayerView:
    ref: str
    region: str
    name: str
    sort: str
    source: str
    declared_crs: str
    lines: int
    length_m: float
    created_at: datetime
    administration: OrganisationName
    subject: Subject


def own_regions(actor: Actor) -> tuple[str, ...]:
    """The regions for which the actor may load layers."""
    found = {r for c in actor.competences if c.authority == "communications" for r in c.regions}
    return tuple(sorted(found))


def load_layer(work: UnitOfWork, command: LoadLayer) -> str:
    """Keep a layer; its reference. Who may: an officer of the region's communications administration."""
    work.permit("corridor.load", Subject(region=command.region))
    if command.sort not in CORRIDOR_SORTS or not command.name.strip():
        raise fail("malformed")
    lines = [line for line in command.lines if len(set(line.line)) > 1]
    if not lines:
        raise fail("no_corridor_lines")
    points = sum(len(line.line) for line in lines)
    if len(lines) > MOST_CORRIDOR_LINES or points > MOST_POINTS:
        raise fail("too_many_corridor_lines", lines=MOST_CORRIDOR_LINES, points=MOST_POINTS, found=f"{len(lines)} / {points}")
    for row, line in enumerate(lines, 1):
        if not all(abs(x) <= 180 and abs(y) <= POLAR_LAT for x, y in line.line):
            raise fail("corridor_out_of_range", row=row)
    length = sum(float(GEOD.line_length([x for x, _ in line.line], [y for _, y in line.line])) for line in lines)
    layer = CorridorLayer(
        administration_id=_keeper(work, command.region), region=command.region, name=command.name.strip(), sort=command.sort,
        source=command.source.strip(), declared_crs=command.declared_crs, lines=len(lines), length_m=length,
        created_at=work.now, created_by=work.actor.user_id,
    )  # fmt: skip
    work.session.add(layer)
    work.session.flush()
    work.session.execute(insert(Corridor), [_row(layer.id, line) for line in lines])
    _done(work, layer, "loaded", {"name": layer.name, "sort": layer.sort, "lines": len(lines), "length_m": round(length)})
    return layer.ref


def _keeper(work: UnitOfWork, region: str) -> int:
    """The organisation acted for; of the operator's command the region's administration."""
    if work.actor.organisation_id is not None:
        return work.actor.organisation_id
    if (found := administration_of(work.session, region)) is None:
        raise fail("not_found")
    return found.id


def drop_layer(work: UnitOfWork, ref: str) -> None:
    """Take a layer away with its lines. Who may: an officer of the region's communications administration."""
    layer = work.session.scalar(select(CorridorLayer).where(CorridorLayer.ref == ref))
    if layer is None:
        raise fail("not_found")
    work.permit("corridor.load", Subject(region=layer.region))
    _done(work, layer, "dropped", {"name": layer.name})
    work.session.delete(layer)
    work.session.flush()


def layer_list(reader: Reader) -> list[LayerView]:
    """The layers of the actor's regions, newest first."""
    reader.permit("corridor.list")
    layers = [
        one
        for one in reader.session.scalars(select(CorridorLayer).order_by(CorridorLayer.id.desc()))
        if watches(reader, one.region)
    ]
    known = names(reader.session, {layer.administration_id for layer in layers})
    return [
        LayerView(
            one.ref, one.region, one.name, one.sort, one.source, one.declared_crs, one.lines, one.length_m, one.created_at,
            known[one.administration_id], Subject(region=one.region),
        )
        for one in layers
    ]  # fmt: skip


def _row(layer_id: int, line: LineIn) -> dict[str, object]:
    west, south, east, north = shapely.LineString(line.line).bounds
    name = (line.name or "").strip()[:200] or None
    return {"layer_id": layer_id, "name": name, "line": [list(at) for at in line.line], "west": west, "south": south,
            "east": east, "north": north}  # fmt: skip


def _done(work: UnitOfWork, layer: CorridorLayer, action: str, after: dict[str, object]) -> None:
    work.emit(Event(f"corridor_layer.{action}", "corridor_layer", layer.ref, (), after=after, region=layer.region))
    work.enqueue("cobuild.reckon", {"match_run": None}, key="cobuild.reckon")
