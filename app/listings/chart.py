"""Capacity over time as a chart draws it: how each dimension's total is shared, stretch by stretch, in hundredths of the picture.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.timewindow import FAR, Window
from app.ledger import DimensionProfile, Step

HELD = frozenset({"held", "pending"})
SHORTEST, LONGEST = timedelta(days=730), timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch without a change. `x` and `width`: per cent of the picture; shares: per cent of the total; amounts in
    thousandths."""

    start: date
    end: date
    x: float
    width: float
    taken: float
    held: float
    free: float
    taken_milli: int
    held_milli: int
    free_milli: int


def horizon(window: Window, profiles: Sequence[DimensionProfile], today: date) -> Window:
    """The days to draw: from today or the window's start, as far as something changes, two years at least and ten at most."""
    start = max(window.start, min(today, window.end - timedelta(days=1)))
    changes = [step.start for profile in profiles for step in profile.steps if step.start > start]
    latest = max([start + SHORTEST, *(change + timedelta(days=180) for change in changes)])
    return Window(start, min(window.end, latest, start + LONGEST))


def segments(profile: DimensionProfile, shown: Window) -> list[Segment]:
    """The stretches of one dimension inside `shown`."""
    return [
        _segment(step, profile.total_milli, inside, shown)
        for step in profile.steps
        if (inside := _inside(step, shown)) is not None
    ]


def _inside(step: Step, shown: Window) -> Window | None:
    return Window(step.start, min(step.end, FAR)).intersection(shown)


def _segment(step: Step, total: int, inside: Window, shown: Window) -> Segment:
    held = sum(amount for kind, amount in step.taken.items() if kind in HELD)
    taken = sum(step.taken.values()) - held
    days = shown.length_days

    def share(milli: int) -> float:
        return round(100 * milli / total, 2) if total else 0.0

    x, width = ((inside.start - shown.start).days, inside.length_days)
    return Segment(
        inside.start,
        inside.end,
        round(100 * x / days, 2),
        round(100 * width / days, 2),
        share(taken),
        share(held),
        share(max(0, step.free_milli)),
        taken,
        held,
        max(0, step.free_milli),
    )
