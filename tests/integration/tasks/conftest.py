"""The small market in which tasks wait."""

from __future__ import annotations

import pytest

from app.db.work import Bus
from tests.support import life


@pytest.fixture
def world(bus: Bus) -> life.World:
    return life.build(bus)
