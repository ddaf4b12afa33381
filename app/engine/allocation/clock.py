"""How long a solve may still take. A deadline ends the search for better, not the answer; a cancelled run ends at once."""

from __future__ import annotations

import math

from app.engine.solve import Cancelled, Stop

LEAST_S = 1.0


class Clock:
    """A `Stop` as the solvers ask it, and shares of what it leaves."""

    def __init__(self, stop: Stop, until: float = math.inf) -> None:
        self._stop = stop
        end = math.inf if stop.deadline_s is None else stop.started + stop.deadline_s
        self._end = min(end, until)

    def left(self) -> float:
        """Seconds; infinite without a deadline."""
        return max(0.0, self._end - self._stop.clock())

    def over(self) -> bool:
        """True once the deadline has passed. Raises `Cancelled` when the run was cancelled."""
        if self._stop.cancelled is not None and self._stop.cancelled():
            raise Cancelled("cancelled")
        return self.left() <= 0

    def share(self, part: float) -> Clock:
        """A clock that ends after this fraction of what is left, and not in less than a second unless this one does."""
        return Clock(self._stop, min(self._end, self._stop.clock() + max(self.left() * part, LEAST_S)))
