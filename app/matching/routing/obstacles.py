"""Why there is no route, in words: the section that is too narrow, the gap, the loss or the length that is too much."""

from __future__ import annotations

import numpy as np
import shapely

from app.engine.routing import APART, CAPACITY, LENGTH, LOSS, UDB, Answer, Obstacle, Stitched
from app.kernel.quantity import written_quantity
from app.kernel.text import Text
from app.matching.routing.question import RouteQuestion
from app.matching.routing.spans import Ground
from app.matching.routing.telling import Telling, ends_udb
from app.matching.routing.views import ObstacleView

NOTHING = Text(
    "Nothing that you may see leads there: no listing of this kind is open around A and B.",
    "A、B 周边没有您可查看的此类资源。",
)
NONE_NEAR = Text(
    "Nothing begins within {reach} of {end}: the nearest that you may see is {far} away.",
    "{end} 周边 {reach} 内没有可接入的资源，最近的距离 {far}。",
)
PIECES = Text(
    "The networks around A and B do not meet: the nearest ends of the two pieces are {far} apart, and at most {gap} is built.",
    "A 侧与 B 侧的网络不连通：两部分最近端相距 {far}，最多新建 {gap}。",
)
NARROW = Text(
    "At most {value} of {asked} asked for can go through whole. The narrowest section on that way: {sections}.",
    "全程最多可通过 {value}，所需 {asked}。最窄处：{sections}。",
)
LOSSY = Text("The least that any route loses is {value}; the budget is {limit}.", "各路由的最小损耗为 {value}，预算为 {limit}。")
LONG = Text("The shortest route is {value}; the limit is {limit}.", "最短路由为 {value}，上限为 {limit}。")
BOTH = Text(
    "Some routes keep the loss budget and some the length limit, but none keeps both.",
    "有路由满足损耗预算，也有路由满足长度上限，但没有同时满足两者的路由。",
)
NOT_DONE = Text("No route was found in the time there is; there may be one.", "在限定时间内未找到路由，可能仍存在可行路由。")


def obstacle_view(
    made: Stitched, ground: Ground, question: RouteQuestion, found: Answer, telling: Telling
) -> ObstacleView | None:
    """What a viewer is told where there is no route; None where there is one."""
    if found.routes:
        return None
    known = found.obstacle
    if known is None:
        return ObstacleView("limits", BOTH if found.complete else NOT_DONE, (), None)
    if known.kind == APART:
        return _apart(made, question, known, telling)
    sections = telling.sections(known.edges)
    geometry = None
    lines = [made.sections[int(e)].line for e in known.edges if e < len(made.sections)]
    if lines:
        geometry = shapely.line_merge(shapely.MultiLineString(lines))
    if known.kind == CAPACITY:
        shown = sections[:3]
        unit = question.asset_kind.requirement(question.asset_kind.quantity).unit
        why = [reason for section in shown for reason in ground.why_not(section.face.id)]
        titles = ", ".join(section.face.title for section in shown), "、".join(section.face.title for section in shown)
        said = NARROW.format(
            value=written_quantity(known.value, unit), asked=written_quantity(question.units, unit), sections=Text(*titles)
        )
        if why:
            said = Text(f"{said.en} {why[0].en}", f"{said.zh}{why[0].zh}")
        return ObstacleView(CAPACITY, said, sections, geometry)
    if known.kind == LOSS:
        over = (known.value + ends_udb(made, question)) / UDB
        values = {"value": Text(f"{over:.2f} dB", f"{over:.2f} dB"), "limit": f"{question.loss_budget_db:g} dB"}
        return ObstacleView(LOSS, LOSSY.format(**values), sections, geometry)
    limit = written_quantity(question.length_limit_m or 0, "m")
    return ObstacleView(LENGTH, LONG.format(value=_metres(known.value), limit=limit), sections, geometry)


def _metres(mm: int) -> Text:
    return written_quantity(round(mm / 1000), "m")


def _apart(made: Stitched, question: RouteQuestion, known: Obstacle, telling: Telling) -> ObstacleView:
    if not len(made.sections):
        return ObstacleView(APART, NOTHING, (), None)
    places = [telling.place(node) for node in known.nodes]
    geometry = shapely.LineString(places) if places[0] != places[1] else shapely.Point(places[0])
    lonely = np.flatnonzero(np.isin([made.start, made.goal], known.nodes))
    gap = written_quantity(question.gap_m or 0, "m")
    if len(lonely):
        said = NONE_NEAR.format(reach=gap, end="AB"[int(lonely[0])], far=_metres(known.value))
        return ObstacleView(APART, said, (), geometry)
    return ObstacleView(APART, PIECES.format(far=_metres(known.value), gap=gap), (), geometry)
