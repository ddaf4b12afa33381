"""A tiny problem that walks through every kernel once, so that they are compiled and kept before anybody waits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from app.engine.block import FULL_SCORE, solve_block
from app.engine.candidates import Work, upper_bounds
from app.engine.csr import best, grouped
from app.engine.facts import prepare
from app.engine.judge import judge
from app.engine.live import LiveIndex
from app.engine.result import Params
from app.engine.rows import ListingRow, NeedRow, problem_from_rows


def rehearse() -> None:
    """Solve in this thread, with the types that every kernel will see."""
    from app.catalogue.kinds import KINDS

    kind = KINDS.all()[0]
    rows = [ListingRow(1, kind.name, 1, shapely.Point(0, 0))], [NeedRow(1, kind.name, 2, shapely.Point(0, 0), 100)]
    problem = problem_from_rows((kind,), *rows)
    prepared, order = prepare(problem), np.zeros(1, np.int64)
    work = Work(order, problem.needs.radius_mm, upper_bounds(prepared, order, problem.needs.radius_mm))
    for keep in (False, True):
        solved = solve_block(problem, prepared, work, Params(keep_pairs=keep))
        best(solved.fits.ptr, (FULL_SCORE - solved.fits.score).astype(np.int64), 1)
        grouped(solved.fits.listing, 1)
    judge(prepared.facts, order, order, order, detail=True)
    for params in (Params(), Params(near_k=0)):
        live = LiveIndex(problem, params)
        live.change(listings=rows[0], needs=[replace(rows[1][0], id=2)])
        live.match_needs([1, 2])
        live.match_listings([1])
    _rehearse_routes()
    _rehearse_cobuild()


def _rehearse_routes() -> None:
    """A triangle: its second way is longer and dearer, so that every search has something to do."""
    from app.engine.routing import Ask, Limits, SpanRow, route, stitch

    a, b, c = (0.0, 0.0), (0.1, 0.0), (0.05, 0.05)
    spans = [SpanRow(k, 1, shapely.LineString(line), 1, 10, db_km=0.2) for k, line in enumerate(((a, b), (a, c), (c, b)))]
    made = stitch(spans)
    edge = made.network
    start, goal = int(edge.tail[0]), int(edge.head[0])
    route(edge, start, goal, Ask(alternatives=1, diversity="risk"))
    longest = int(edge.length_mm[0]) - 1
    route(edge, start, goal, Ask(limits=Limits(length_mm=longest)))


def _rehearse_cobuild() -> None:
    """Three needs of two organisations that meet, as towers and as trenches; the prices too, which small problems do not need."""
    from app.engine.cobuild import UNSTATED, TowerNeeds, TowerParams, TowerTerms, build_towers, solve_towers
    from app.engine.cobuild.trench import TrenchNeeds, TrenchParams, TrenchTerms, build_trenches, solve_trenches

    def same(value: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.full(3, value, np.int64)

    ids, organisation = np.arange(1, 4, dtype=np.int64), np.array([1, 2, 1], np.int64)
    lon, lat = np.array([0.0, 0.004, 0.008]), np.zeros(3)
    towers = TowerNeeds(ids, lon, lat, same(500_000), same(30_000), same(1), same(0), same(9), organisation, same(UNSTATED))
    trenches = TrenchNeeds(ids, lon, lat, lon + 0.02, lat + 0.001, same(1), same(0), same(9), organisation, same(UNSTATED))
    rail = [shapely.LineString([(-0.01, 0.0005), (0.05, 0.0005)])]
    for prove in (5, 0):
        solve_towers(build_towers(towers, TowerTerms(1000, 1, 1, 3)), TowerParams(prove_needs=prove))
        for corridors in ([], rail):
            solve_trenches(build_trenches(trenches, TrenchTerms(1000, 1, 9), corridors), TrenchParams(prove_needs=prove))
