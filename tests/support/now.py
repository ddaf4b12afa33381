"""The instant at which tests begin."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)  # a Wednesday, nine in the morning in Beijing
