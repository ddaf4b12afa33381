"""A region with two carriers whose towers could be one."""

from __future__ import annotations

import pytest
from flask import Flask

from app.db.work import Bus
from tests.support import asking


@pytest.fixture
def region(app: Flask, bus: Bus) -> asking.Region:
    return asking.build(app, bus)
