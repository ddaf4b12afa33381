"""One reckoning: load, solve, split the costs, look at the same-place rule, store what changed. The record reproduces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.work import Bus
from app.engine import ENGINE_VERSION, Stop
from app.engine.cobuild import (
    UNSTATED,
    TowerParams,
    Towers,
    airport_shapley,
    by_proportion,
    core_of_towers,
    site_of,
    solve_towers,
    unbuildable,
)
from app.kernel.actor import SYSTEM
from app.matching.cobuilding.found import GroupFound, MemberFound
from app.matching.cobuilding.same_place import towers_that_could_serve
from app.matching.cobuilding.source import Market, load_markets
from app.matching.cobuilding.store import Outcome, store
from app.matching.cobuilding.trench_source import load_trench_markets
from app.matching.cobuilding.trenching import dig, trench_summary
from app.matching.models import MatchRun
from app.matching.run import Report

SEED = 0
DEADLINE_S = 300.0


def reckon(bus: Bus, match_run_ref: str | None, report: Report, seed: int = SEED, stop: Stop | None = None) -> Outcome:
    """Read in one snapshot, solve in memory, write in one short transaction."""
    stop, params = stop or Stop(deadline_s=DEADLINE_S), TowerParams()
    with bus.database.read() as session:
        run_id = session.scalar(select(MatchRun.id).where(MatchRun.ref == match_run_ref)) if match_run_ref else None
        markets, routes = load_markets(session), load_trench_markets(session)
        groups: list[GroupFound] = []
        results: list[dict[str, Any]] = []
        timings: dict[str, float] = {}
        for place, market in enumerate(markets):
            report(10 + 40 * place // len(markets), "grouping")
            towers = solve_towers(market.problem, params, stop, seed)
            if broken := unbuildable(towers):
                raise AssertionError(f"groups that cannot be built: {broken}")
            groups += _groups(session, market, towers)
            results.append(_summary(market, towers))
            for name, seconds in towers.timings.items():
                timings[name] = round(timings.get(name, 0.0) + seconds, 4)
        for place, route_market in enumerate(routes):
            report(50 + 30 * place // len(routes), "grouping")
            trenches, dug = dig(route_market, stop, seed)
            groups += dug
            results.append(trench_summary(route_market, trenches))
            for name, seconds in trenches.timings.items():
                timings[f"trench {name}"] = round(timings.get(f"trench {name}", 0.0) + seconds, 4)
    report(85, "storing")
    record = {"match_run_id": run_id, "engine_version": ENGINE_VERSION, "seed": seed, "params": asdict(params)}
    return bus.execute(store, SYSTEM, (record | {"results": results, "timings": timings}, groups))


def _summary(market: Market, towers: Towers) -> dict[str, Any]:
    """What the gap map says of a market as a whole."""
    return {
        "region": market.region,
        "profile": market.profile,
        "currency": market.currency,
        "kind": market.kind,
        "form": "site",
        "needs": len(market.problem.needs),
        "groups": len(towers),
        "grouped": len(towers.need),
        "alone_minor": int(market.problem.alone.sum()),
        "total_minor": towers.total_minor,
        "bound_minor": towers.bound_minor,
        "proven": bool(towers.proven.all()),
        "answer_hash": towers.answer_hash,
    }


def _groups(session: Session, market: Market, towers: Towers) -> list[GroupFound]:
    """The groups with their split; a site is moved out of reach of what could serve, where its members' reaches allow."""
    standing = towers_that_could_serve(session, market, towers)
    found = []
    for group in range(len(towers)):
        rows, around = towers.members(group), standing[group]
        site = site_of(market.problem, rows, around.standing)
        if site is None:
            raise AssertionError(f"group {group} has no site")
        members = _members(market, rows)
        shares = [m.share_minor for m in members]
        own, top = market.problem.extra[rows].tolist(), market.problem.top[rows].tolist()
        core = core_of_towers(shares, top, own, [m.alone_minor for m in members])
        found.append(
            GroupFound(
                form="site",
                kind=market.kind,
                region=market.region,
                profile=market.profile,
                currency=market.currency,
                lon=site.lon,
                lat=site.lat,
                height_m=int(towers.height_mm[group]) / 1000,
                start_from=date.fromordinal(int(towers.first[group])),
                start_until=date.fromordinal(int(towers.last[group])),
                cost_minor=int(towers.cost_minor[group]),
                core_excess_minor=core.excess,
                members=tuple(members),
                near=around.near(site.lon, site.lat, site.near),
            )
        )
    return found


def _members(market: Market, rows: Sequence[int] | np.ndarray[Any, Any]) -> list[MemberFound]:
    problem = market.problem
    top, own, alone = (column[rows].tolist() for column in (problem.top, problem.extra, problem.alone))
    share = airport_shapley(top, own).share
    proportion = by_proportion(sum(share), alone).share
    ids, stated = problem.needs.id[rows].tolist(), (problem.needs.alone_minor[rows] != UNSTATED).tolist()
    return [
        MemberFound(need, market.organisation_of[need], alone[k], stated[k], share[k], proportion[k])
        for k, need in enumerate(ids)
    ]
