"""Full match of 19,278 wanted cells with 38,128 transmission structures: the engine beside the same join in geopandas.

Both start from columns in memory and end at the ten best listings of every need with score, fail mask and margins of every pair
in reach.
The peer is what an analyst writes: project to the national grid, buffer, `sjoin`, judge in numpy, sort. Its pairs differ where
the grid's scale does.
"""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd

from app.engine import Params, Problem, problem_from_rows, solve, warm
from app.engine.facts import gather
from app.engine.judge import judge_arrays
from bench import common, nz

INSTANCE = "Transpower NZ 38,128 × OpenCelliD 19,278"
WHOLE = True  # a run replaces every row of its job


def run() -> list[common.Row]:
    if not (nz.STRUCTURES.exists() and nz.CELLS.exists()):
        print("MISSING DATA: engine_nz reads ../shared/data, which is not here; left out", flush=True)
        return []
    warm()
    kinds, listings, needs = (nz.TOWER,), nz.listings(), nz.needs()
    problem = problem_from_rows(kinds, listings, needs)
    params = Params(keep_pairs=True, near_k=0)

    def cold() -> Problem:
        fresh = problem.take()  # a new problem: nothing prepared for it yet
        solve(fresh, params)
        return fresh

    taken = common.interleaved({"engine": cold, "geopandas": lambda: peer(problem)})
    again = common.interleaved({"engine": lambda: solve(problem, params)})
    rows = common.medians("J1 full match", INSTANCE, "s, from columns to ranked matches", taken, "engine")
    rows += common.medians("J1 full match", INSTANCE, "s, index already built", again, "engine")
    pairs = solve(problem, params).pairs
    assert pairs is not None
    need, _, metres = nz.brute_force(listings, needs)
    exact = int((metres * 1000 <= problem.needs.radius_mm[need]).sum())
    wrong, theirs = abs(len(pairs.need) - exact), abs(len(peer(problem)) - exact)
    rows.append(
        common.row("J1 full match", INSTANCE, f"pairs more or fewer than Karney's {exact:,}", wrong, 1, "geopandas", theirs)
    )
    return rows


def peer(problem: Problem) -> pd.DataFrame:
    """The same question in geopandas; every pair in reach, judged and ranked."""
    listings, needs = problem.listings, problem.needs
    towers = geopandas.GeoDataFrame(
        {"listing": np.arange(len(listings))}, geometry=geopandas.points_from_xy(listings.place.lon, listings.place.lat), crs=4326
    ).to_crs(2193)
    cells = geopandas.GeoDataFrame(
        {"need": np.arange(len(needs))}, geometry=geopandas.points_from_xy(needs.place.lon, needs.place.lat), crs=4326
    ).to_crs(2193)
    circles = cells.set_geometry(cells.buffer(needs.radius_mm / 1000))
    pairs = geopandas.sjoin(towers, circles, predicate="within")
    need, listing = pairs["need"].to_numpy(), pairs["listing"].to_numpy()
    metres = towers.geometry.iloc[listing].distance(cells.geometry.iloc[need], align=False).to_numpy()
    judged = judge_arrays(gather(problem), need, listing, np.rint(metres * 1000).astype(np.int64), detail=True)
    frame = pd.DataFrame({"need": need, "listing": listing, "score": judged.score, "fail": judged.fail})
    frame[frame["fail"] == 0].sort_values(["need", "score", "listing"], ascending=[True, False, True]).groupby("need").head(10)
    return frame
