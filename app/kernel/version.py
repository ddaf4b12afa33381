"""Optimistic concurrency, decided once: a change names the version it was made on."""

from __future__ import annotations

from app.kernel.errors import fail


def check_version(seen: int | None, current: int) -> None:
    """Refuse a change made on another version than the current one; None skips the check (system acts)."""
    if seen is not None and seen != current:
        raise fail("stale_version")
