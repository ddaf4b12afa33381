"""The trenches of one market: solve, prove that they can be dug, split the costs, draw the sections."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import shapely

from app.engine import Stop
from app.engine.cobuild import UNSTATED, by_proportion
from app.engine.cobuild.trench import Trenches, core_excess, solve_trenches, trench_shapley, undiggable
from app.matching.cobuilding.found import GroupFound, MemberFound
from app.matching.cobuilding.trench_source import TrenchMarket

DIGITS = 7  # of a degree: a centimetre
UNIT = 1000


def dig(market: TrenchMarket, stop: Stop, seed: int) -> tuple[Trenches, list[GroupFound]]:
    """The market's trenches, each with what its members pay."""
    trenches = solve_trenches(market.problem, None, stop, seed)
    if broken := undiggable(trenches):
        raise AssertionError(f"groups that cannot be dug: {broken}")
    return trenches, [_group(market, trenches, g) for g in range(len(trenches))]


def trench_summary(market: TrenchMarket, trenches: Trenches) -> dict[str, Any]:
    """What the gap map says of the market as a whole."""
    return {
        "region": market.region,
        "profile": market.profile,
        "currency": market.currency,
        "kind": market.kind,
        "form": "trench",
        "needs": len(market.problem.needs),
        "groups": len(trenches),
        "grouped": sum(len(group.members) for group in trenches.groups),
        "along_corridors": int(trenches.graph.along.sum()),
        "corridors": len(market.corridor_names),
        "alone_minor": int(-(-trenches.alone.sum() // UNIT)),
        "total_minor": trenches.total_minor,
        "bound_minor": trenches.bound_minor,
        "proven": bool(trenches.proven.all()),
        "answer_hash": trenches.answer_hash,
    }


def _group(market: TrenchMarket, trenches: Trenches, g: int) -> GroupFound:
    forest, joint, problem = trenches.groups[g], trenches.joint[g], market.problem
    rows = list(forest.members)
    share = trench_shapley(joint)
    alone = [int(-(-a // UNIT)) for a in joint.alone.tolist()]
    proportion = by_proportion(sum(share), alone).share
    ids, stated = problem.needs.id[rows].tolist(), (problem.needs.alone_minor[rows] != UNSTATED).tolist()
    ways = [int(trenches.graph.length_mm[way].sum()) / 1000 for way in forest.ways]
    sections = [
        _section(market, trenches, e, [i for i, w in zip(ids, forest.ways, strict=True) if e in w]) for e in forest.sections
    ]
    shared = max(sections, key=lambda s: (len(s["needs"]), s["length_m"]))
    lon, lat = _middle(shared["line"])
    return GroupFound(
        form="trench",
        kind=market.kind,
        region=market.region,
        profile=market.profile,
        currency=market.currency,
        lon=lon,
        lat=lat,
        start_from=date.fromordinal(int(trenches.first[g])),
        start_until=date.fromordinal(int(trenches.last[g])),
        cost_minor=trenches.cost_minor(g),
        core_excess_minor=core_excess(joint, share),
        members=tuple(
            MemberFound(need, market.organisation_of[need], alone[k], stated[k], share[k], proportion[k], ways[k])
            for k, need in enumerate(ids)
        ),
        length_m=trenches.length_mm(g) / 1000,
        sections=tuple(sections),
    )


def _section(market: TrenchMarket, trenches: Trenches, section: int, needs: list[int]) -> dict[str, Any]:
    graph = trenches.graph
    line = np.round(shapely.get_coordinates(graph.shape(int(section))), DIGITS).tolist()
    corridor = int(graph.corridor[section])
    name = market.corridor_names[corridor] if corridor >= 0 else None
    return {"line": line, "length_m": int(graph.length_mm[section]) / 1000, "needs": needs, "corridor": name}


def _middle(line: list[list[float]]) -> tuple[float, float]:
    """The point half-way along, by longitude and latitude; of a line across the antimeridian its start."""
    if max(x for x, _ in line) - min(x for x, _ in line) > 180:
        return line[0][0], line[0][1]
    point = shapely.LineString(line).interpolate(0.5, normalized=True)
    return float(point.x), float(point.y)
