"""The same-place rule: a new tower nearer than the profile allows to one that could serve needs a recorded exemption.

Could serve: a published listing that passes every condition of a member's need but reach and price. How near is too near is the
profile's figure for built-up places where the existing tower says that it stands in one, else the wider figure. Members are told what follows from
it: a tower that is shown approximately counts as standing in the middle of its cell."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assets import Asset
from app.catalogue.profiles import get_profile
from app.engine import NO_BUDGET, Params, solve
from app.engine.cobuild import Standing, Towers
from app.kernel.geometry import distance_m
from app.listings import Listing
from app.matching.cobuilding.source import Market
from app.matching.source import Scope, load_problem


@dataclass(frozen=True, slots=True)
class Near:
    """An existing tower too near to a site: `rule_m` is the distance that the rule asks for."""

    listing_id: int
    distance_m: float
    rule_m: int


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a group and could serve a member: rows of `standing` are `listing_ids`."""

    standing: Standing
    listing_ids: tuple[int, ...] = ()

    def near(self, lon: float, lat: float, rows: tuple[int, ...]) -> tuple[Near, ...]:
        at = [(float(self.standing.lon[r]), float(self.standing.lat[r]), int(self.standing.keep_mm[r]) // 1000) for r in rows]
        return tuple(
            Near(self.listing_ids[r], round(distance_m((lon, lat), (x, y)), 1), rule)
            for r, (x, y, rule) in zip(rows, at, strict=True)
        )


def towers_that_could_serve(session: Session, market: Market, towers: Towers) -> list[Around]:
    """By group. One run of the matching kernel over its members, as far as the rule and the reaches go."""
    rules = {rule.setting: rule.distance_m for rule in get_profile(market.profile).same_place}
    nothing = Around(Standing(np.zeros(0), np.zeros(0), np.zeros(0, np.int64)))
    if not rules or not len(towers):
        return [nothing] * len(towers)
    pairs = _could_serve(session, market, towers, max(rules.values()))
    facts = _facts(session, {listing for found in pairs.values() for listing in found})
    answer = []
    for group in range(len(towers)):
        ids = sorted({one for row in towers.members(group) for one in pairs.get(int(market.problem.needs.id[row]), ())})
        keep = [rules.get("built_up" if facts[one][2] else "elsewhere", max(rules.values())) * 1000 for one in ids]
        lon, lat = np.array([facts[one][0] for one in ids]), np.array([facts[one][1] for one in ids])
        answer.append(Around(Standing(lon, lat, np.array(keep, np.int64)), tuple(ids)) if ids else nothing)
    return answer


def _could_serve(session: Session, market: Market, towers: Towers, rule_m: int) -> dict[int, list[int]]:
    """Need id → listings that pass everything but reach and price, within the rule's distance of wherever its site may be."""
    ids = market.problem.needs.id[towers.need].tolist()
    problem = load_problem(session, Scope(kind=market.kind, need_ids=ids, disclosed=True))
    if not len(problem.listings.id):
        return {}
    needs = problem.needs
    wider = replace(needs, radius_mm=needs.radius_mm + rule_m * 1000, budget_minor=np.full(len(needs), NO_BUDGET, np.int64))
    found = solve(problem.with_needs(wider), Params(keep_pairs=True), None, 0).pairs
    if found is None:
        raise AssertionError("pairs were asked for")
    served: dict[int, list[int]] = {}
    for need, listing in zip(found.need[found.fail == 0].tolist(), found.listing[found.fail == 0].tolist(), strict=True):
        served.setdefault(int(needs.id[need]), []).append(int(problem.listings.id[listing]))
    return served


def _facts(session: Session, listing_ids: set[int]) -> dict[int, tuple[float, float, bool]]:
    """Where everybody may know each listing to stand, and whether it says that this is built up."""
    rows = session.execute(
        select(Listing.id, Listing.face_geom.label("geom"), Asset.attributes)
        .join(Asset, Asset.id == Listing.asset_id)
        .where(Listing.id.in_(listing_ids))
    )
    return {row.id: (row.geom.x, row.geom.y, bool(row.attributes.get("built_up"))) for row in rows}
