"""From rows to the engine's columns: the tower needs that nothing serves and whose organisations would build together.

One problem per region of a needs list, profile and currency, so that a group has one administration and one set of costs.
Organisations of one tree count as one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.accounts import Organisation
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import Cobuild, get_profile
from app.engine.cobuild import MOST_REACH_MM, UNSTATED, TowerNeeds, TowerProblem, TowerTerms, build_towers
from app.matching.cobuilding.models import CobuildGroup, CobuildMember
from app.matching.source import roots
from app.needs import Need, NeedsList

MONTH_DAYS = 30.4375


@dataclass(frozen=True, slots=True)
class Market:
    """The unserved needs of one region under one profile and currency. `organisation_of`: need id → its own organisation."""

    region: str
    profile: str
    currency: str
    kind: str
    problem: TowerProblem
    organisation_of: dict[int, int]


def to_build() -> ColumnElement[bool]:
    """The needs that may be built together: published without a match by who would, and those that the administration said are to
    be co-built."""
    would = and_(Need.status == "published", Need.accepts_cobuild.is_(True))
    return or_(would, and_(Need.status == "left", Need.outcome == "to_be_cobuilt"))


def load_markets(session: Session) -> list[Market]:
    """Every market with needs in it, in a fixed order. What is in an agreed group already is left out."""
    settled = select(CobuildMember.need_id).join(CobuildGroup).where(CobuildGroup.status == "agreed")
    rows = session.execute(
        select(Need, NeedsList.region.label("market"), Organisation.profile)
        .join(NeedsList, NeedsList.id == Need.needs_list_id)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(
            to_build(),
            Need.kind.in_([kind.name for kind in KINDS.all() if kind.joint_height]),
            Need.shape == "circle",
            Need.radius_m > 0,
            Need.id.not_in(settled),
        )
        .order_by(Need.id)
    ).all()
    by_market: dict[tuple[str, str, str, str], list[Need]] = defaultdict(list)
    for row in rows:
        by_market[row.market, row.profile, row.Need.currency, row.Need.kind].append(row.Need)
    heads = roots(session)
    return [made for key, needs in sorted(by_market.items()) if (made := _market(key, needs, heads)) is not None]


def _market(key: tuple[str, str, str, str], needs: list[Need], heads: dict[int, int]) -> Market | None:
    """None where the profile states no costs, or in another currency."""
    region, code, currency, kind = key
    profile = get_profile(code)
    if profile.cobuild is None or profile.currency != currency:
        return None
    problem = build_towers(_columns(needs, heads, profile.cobuild, kind), terms_of(profile.cobuild))
    return Market(region, code, currency, kind, problem, {need.id: need.organisation_id for need in needs})


def terms_of(costs: Cobuild) -> TowerTerms:
    return TowerTerms(costs.tower_base_minor, costs.tower_per_m_minor, costs.tower_per_mount_minor, costs.mounts_per_tower)


def _columns(needs: list[Need], heads: dict[int, int], costs: Cobuild, kind: str) -> TowerNeeds:
    quantity, height = KINDS[kind].quantity, KINDS[kind].joint_height
    asked = [need.quantity_outstanding or int(need.requirements.get(quantity) or need.quantity) for need in needs]
    whole: dict[str, list[int]] = {
        "id": [need.id for need in needs],
        "radius_mm": [min(max(round(need.radius_m * 1000), 1), MOST_REACH_MM) for need in needs],
        "height_mm": [round(float(need.requirements.get(height or "") or 0) * 1000) for need in needs],
        "mounts": asked,
        "first": [need.window_start.toordinal() for need in needs],
        "last": [latest_start(need, costs.start_slack_days).toordinal() for need in needs],
        "organisation": [heads[need.organisation_id] for need in needs],
        "alone_minor": [alone_of(need) for need in needs],
    }
    columns: dict[str, Any] = {name: np.array(values, np.int64) for name, values in whole.items()}
    lon, lat = np.array([need.geom.x for need in needs]), np.array([need.geom.y for need in needs])
    return TowerNeeds(lon=lon, lat=lat, **columns)


def latest_start(need: Need, slack_days: int) -> date:
    """The latest start as stated; else what leaves room for the shortest term, within the profile's slack."""
    if need.latest_start is not None:
        return max(need.latest_start, need.window_start)
    latest = need.window_start + timedelta(days=slack_days)
    if need.minimum_term_months:
        latest = min(latest, need.window_end - timedelta(days=round(need.minimum_term_months * MONTH_DAYS)))
    return max(need.window_start, min(latest, need.window_end - timedelta(days=1)))


def alone_of(need: Need) -> int:
    """What the alternative costs, as fixed at submission."""
    cost = (need.alternative or {}).get("cost_minor")
    return UNSTATED if cost is None else int(cost)
