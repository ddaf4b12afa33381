"""HiGHS (Huangfu and Hall 2018) as everything here uses it: silent, one thread, the same answer each time, whole numbers apart by one.

All of a process share one scheduler of HiGHS, made at its first run with that run's number of threads: a run that wants another number
is refused, and has then no answer and no bound, as if its time were over. `run` says so instead."""

from __future__ import annotations

import math
from typing import Any

import highspy

WHOLE: dict[str, Any] = {"mip_rel_gap": 0.0, "mip_abs_gap": 0.999}  # values are whole numbers


def solver(threads: int = 1, **options: Any) -> highspy.Highs:
    """A silent HiGHS with these options."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "threads": threads, "random_seed": 0, **options}.items():
        highs.setOptionValue(name, value)
    return highs


def run(highs: highspy.Highs, seconds: float = math.inf) -> None:
    """Solve what was passed, for so long at most. Raises RuntimeError where HiGHS refuses to begin."""
    if math.isfinite(seconds):
        highs.setOptionValue("time_limit", highs.getRunTime() + max(seconds, 0.01))
    if highs.run() == highspy.HighsStatus.kError and highs.getModelStatus() == highspy.HighsModelStatus.kNotset:
        raise RuntimeError("HiGHS refuses to begin: another part of this process has run it with another number of threads")
