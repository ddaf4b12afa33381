"""What the machine lacks, said once and loudly: the tests that need it are skipped on a desk and fail where CI=true."""

from __future__ import annotations

import os

import pytest

SAID: dict[str, str] = {}


def lacking(what: str, install: str) -> None:
    """Skip the test that asks, or fail it where nothing may be missing. Never returns."""
    SAID[what] = install
    message = f"{what} is not installed; install it with: {install}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
