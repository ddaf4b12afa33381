"""The short forms of `make prove-capacity` and `make prove-faults`, as the commands run them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from app.config import ROOT
from tests.support import missing, postgres


@pytest.mark.slow
@pytest.mark.parametrize("proof", ["prove.capacity", "prove.faults"])
def test_what_is_proven_holds(proof: str) -> None:
    if postgres.bindir() is None:
        missing.lacking("PostgreSQL with PostGIS", postgres.INSTALL)
    done = subprocess.run(
        [sys.executable, "-m", proof],
        cwd=ROOT,
        env={**os.environ, "SHORT": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "PROVEN" in done.stdout.splitlines()[-1]
