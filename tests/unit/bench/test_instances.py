"""The national market of the measurements keeps up with what kinds declare."""

from __future__ import annotations

import numpy as np

from app.catalogue.kinds import KINDS
from app.engine import Params, solve
from bench.instances import MIXES, national


def test_every_kind_is_drawn_and_finds_matches() -> None:
    problem = national(4_000, 400)
    assert set(MIXES) == {kind.name for kind in KINDS.all()}
    assert set(np.unique(problem.listings.kind)) == set(range(len(MIXES)))
    assert solve(problem, Params(top_k=3)).feasible.sum() > 0
