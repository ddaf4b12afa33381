"""Every test that takes `backend` runs once on the compiled kernels and once on numpy."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["numba", "numpy"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ENGINE_BACKEND", request.param)
    return str(request.param)
