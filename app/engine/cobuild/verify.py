"""What a grouping must hold, checked from the columns alone: the proof that every group can be built."""

from __future__ import annotations

import numpy as np

from app.engine.cobuild.site import site_distances_mm
from app.engine.cobuild.towers import Towers


def unbuildable(towers: Towers) -> dict[int, str]:
    """By group the first rule that it breaks; empty when all can be built. O(members)."""
    problem, needs = towers.problem, towers.problem.needs
    group = np.repeat(np.arange(len(towers)), np.diff(towers.ptr))
    need, broken = towers.need, dict[int, str]()
    per_need = (
        ("a need in two groups", np.isin(need, need[np.setdiff1d(np.arange(len(need)), np.unique(need, return_index=True)[1])])),
        ("reach", site_distances_mm(problem, need, towers.lon[group], towers.lat[group]) > needs.radius_mm[need]),
        ("start", (needs.first[need] > towers.first[group]) | (needs.last[need] < towers.last[group])),
        ("height", needs.height_mm[need] > towers.height_mm[group]),
    )
    mounts = np.bincount(group, weights=needs.mounts[need], minlength=len(towers))
    parties = [len(set(needs.organisation[towers.members(g)].tolist())) for g in range(len(towers))]
    per_group = (
        ("window", towers.first > towers.last),
        ("capacity", mounts > problem.terms.capacity),
        ("one organisation", np.array(parties, np.int64) < 2),
    )
    for rule, bad in per_need:
        for g in group[bad].tolist():
            broken.setdefault(g, rule)
    for rule, bad in per_group:
        for g in np.flatnonzero(bad).tolist():
            broken.setdefault(g, rule)
    return broken
