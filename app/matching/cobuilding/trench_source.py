"""From rows to the engine's columns: the routes that nothing serves and whose organisations would dig together, with the corridors
around them.

A route is joined from its first to its last point. An area is crossed along its longest extent. A circle asks for no route and is
left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import Organisation
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import Cobuild, get_profile
from app.engine.cobuild.trench import TrenchNeeds, TrenchProblem, TrenchTerms, build_trenches
from app.kernel.geometry import distance_m
from app.kernel.permission import contains
from app.matching.cobuilding.models import CobuildGroup, CobuildMember, Corridor, CorridorLayer
from app.matching.cobuilding.source import alone_of, latest_start, to_build
from app.matching.source import roots
from app.needs import Need, NeedsList

LEAST_M, MOST_M = 1.0, 500_000.0
MOST_LINES = 50_000  # of corridors around one region's needs
MARGIN_DEG = 0.2

End = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TrenchMarket:
    """The unserved routes of one region under one profile and currency. `corridor_names`: of the problem's corridors."""

    region: str
    profile: str
    currency: str
    kind: str
    problem: TrenchProblem
    organisation_of: dict[int, int]
    corridor_names: tuple[str, ...]


def trench_kinds() -> list[str]:
    return [kind.name for kind in KINDS.all() if kind.joint_ducts is not None]


def built_kind() -> str:
    """What a joint trench is built of: the kind that is counted in ducts."""
    return next(kind.name for kind in KINDS.all() if isinstance(kind.joint_ducts, str))


def ends_of(geometry: shapely.Geometry) -> tuple[End, End]:
    """The two ends of a route; of an area its two points that lie farthest apart."""
    if geometry.geom_type == "LineString":
        at = shapely.get_coordinates(geometry)
        return (float(at[0, 0]), float(at[0, 1])), (float(at[-1, 0]), float(at[-1, 1]))
    corners = [(float(x), float(y)) for x, y in shapely.get_coordinates(shapely.convex_hull(geometry)).tolist()]
    middle = corners[0]
    first = max(corners, key=lambda c: (distance_m(middle, c), c))
    for _ in range(3):  # walking to the farthest corner settles on a longest extent of a convex shape, or next to it
        second = max(corners, key=lambda c: (distance_m(first, c), c))
        first, middle = max(corners, key=lambda c: (distance_m(second, c), c)), second
    return first, middle


def load_trench_markets(session: Session) -> list[TrenchMarket]:
    """Every market with routes in it, in a fixed order. What is in an agreed group already is left out."""
    settled = select(CobuildMember.need_id).join(CobuildGroup).where(CobuildGroup.status == "agreed")
    rows = session.execute(
        select(Need, NeedsList.region.label("market"), Organisation.profile)
        .join(NeedsList, NeedsList.id == Need.needs_list_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(to_build(), Need.kind.in_(trench_kinds()), Need.shape.in_(("route", "area")), Need.id.not_in(settled))
        .order_by(Need.id)
    ).all()
    by_market: dict[tuple[str, str, str], list[tuple[Need, End, End]]] = defaultdict(list)
    for row in rows:
        a, b = ends_of(row.Need.geom)
        if LEAST_M < distance_m(a, b) < MOST_M:
            by_market[row.market, row.profile, row.Need.currency].append((row.Need, a, b))
    heads = roots(session)
    made = (_market(session, key, needs, heads) for key, needs in sorted(by_market.items()))
    return [market for market in made if market is not None]


def trench_terms(costs: Cobuild) -> TrenchTerms:
    return TrenchTerms(
        costs.trench_per_m_minor, costs.duct_per_m_minor, costs.ducts_per_trench, costs.trench_detour_pct, costs.corridor_join_m
    )


def _market(
    session: Session, key: tuple[str, str, str], needs: list[tuple[Need, End, End]], heads: dict[int, int]
) -> TrenchMarket | None:
    """None where the profile states no costs, or in another currency."""
    region, code, currency = key
    profile = get_profile(code)
    if profile.cobuild is None or profile.currency != currency:
        return None
    lines = _corridors(session, region, [end for _, a, b in needs for end in (a, b)])
    problem = build_trenches(_columns(needs, heads, profile.cobuild), trench_terms(profile.cobuild), [line for line, _ in lines])
    names = tuple(name for _, name in lines)
    return TrenchMarket(region, code, currency, built_kind(), problem, {n.id: n.organisation_id for n, _, _ in needs}, names)


def ducts_of(need: Need) -> int:
    """The ducts that a need asks for: of a kind that is counted in ducts as many as it still wants, else as many as one takes."""
    asked = KINDS[need.kind].joint_ducts
    if isinstance(asked, int):
        return asked
    stated = need.quantity_outstanding or int(need.requirements.get(str(asked)) or need.quantity)
    return max(1, int(stated))


def _columns(needs: list[tuple[Need, End, End]], heads: dict[int, int], costs: Cobuild) -> TrenchNeeds:
    whole: dict[str, list[int]] = {
        "id": [need.id for need, _, _ in needs],
        "ducts": [min(ducts_of(need), 1000) for need, _, _ in needs],
        "first": [need.window_start.toordinal() for need, _, _ in needs],
        "last": [latest_start(need, costs.start_slack_days).toordinal() for need, _, _ in needs],
        "organisation": [heads[need.organisation_id] for need, _, _ in needs],
        "alone_minor": [alone_of(need) for need, _, _ in needs],
    }
    columns: dict[str, Any] = {name: np.array(values, np.int64) for name, values in whole.items()}
    a, b = np.array([start for _, start, _ in needs]), np.array([end for _, _, end in needs])
    return TrenchNeeds(lon_a=a[:, 0], lat_a=a[:, 1], lon_b=b[:, 0], lat_b=b[:, 1], **columns)


def _corridors(session: Session, region: str, ends: list[End]) -> list[tuple[shapely.LineString, str]]:
    """The corridor lines of the region around the routes, with their names, nearest layers of the longest standing first."""
    lon, lat = [end[0] for end in ends], [end[1] for end in ends]
    wide = max(lon) - min(lon) > 180  # across the antimeridian: by latitude alone
    layers = session.execute(select(CorridorLayer.id, CorridorLayer.region)).all()
    serving = [row.id for row in layers if contains(row.region, region) or contains(region, row.region)]
    wanted = (
        select(Corridor.line, Corridor.name, CorridorLayer.name.label("layer"))
        .join(CorridorLayer, CorridorLayer.id == Corridor.layer_id)
        .where(Corridor.layer_id.in_(serving), Corridor.south <= max(lat) + MARGIN_DEG, Corridor.north >= min(lat) - MARGIN_DEG)
    )
    if not wide:
        wanted = wanted.where(Corridor.west <= max(lon) + MARGIN_DEG, Corridor.east >= min(lon) - MARGIN_DEG)
    rows = session.execute(wanted.order_by(Corridor.id).limit(MOST_LINES)).all()
    return [(shapely.LineString(row.line), row.name or row.layer) for row in rows]
