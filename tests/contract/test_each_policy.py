"""Each policy alone, opened or lost in the running application: a request that it turned away is then answered otherwise.

So the walk and the probes (tests/contract/walk) fail when any one policy is opened or deleted; a policy that none of them reaches
fails here.
"""

from __future__ import annotations

import pytest
from flask import Flask

from app.db.work import Bus
from app.kernel.clock import FixedClock
from app.kernel.permission import REGISTRY
from app.web.limits import limiter
from tests.contract.walk import opened, scene
from tests.contract.walk.probes import PROBES


@pytest.mark.slow
def test_each_policy_is_missed(app: Flask, bus: Bus, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite: whether a policy is asked does not depend on the database; what it answers, the walk sees on both."""
    if not bus.database.is_sqlite:
        pytest.skip("shown on SQLite: the same code asks the same policies on both databases")
    monkeypatch.setattr(limiter, "enabled", False)
    wrong = list(opened.Asked(scene.build(app, bus, clock)).complaints())
    assert not wrong, "\n".join(wrong)


def test_every_probe_is_of_a_policy() -> None:
    names = [probe.policy for probe in PROBES]
    assert sorted(set(names)) == sorted(names)
    assert set(names) <= set(REGISTRY)
