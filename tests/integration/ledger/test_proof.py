"""The short form of `make prove-capacity`, as the command runs it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from app.config import ROOT
from tests.support import missing, postgres


@pytest.mark.slow
def test_nothing_is_sold_twice() -> None:
    if postgres.bindir() is None:
        missing.lacking("PostgreSQL with PostGIS", postgres.INSTALL)
    done = subprocess.run(
        [sys.executable, "-m", "prove.capacity"],
        cwd=ROOT,
        env={**os.environ, "SHORT": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "PROVEN" in done.stdout.splitlines()[-1]
