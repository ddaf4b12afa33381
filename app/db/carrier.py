"""How a worker hears of a job: by looking into the job table now and then, or sooner through a message broker.

The table stays the truth. A carrier brings ids of jobs that were committed, and may lose or double them: who takes a job asks
the table for it, and what no message announced is found by looking. `announce` neither waits nor raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Take = Callable[[int], object]  # does the job of this id, if the table lets it


class Carrier(Protocol):
    """`look_s`: how long an idle worker waits before it looks into the table."""

    @property
    def look_s(self) -> float: ...

    def announce(self, ids: Sequence[int]) -> None:
        """These jobs are committed and due."""

    def heard(self, take: Take) -> AbstractContextManager[None]:
        """Inside, `take` is called, in a thread of its own, with every id that a message brings."""


class TableAlone:
    """Nobody is told; workers look twice a second."""

    look_s = 0.5

    def announce(self, ids: Sequence[int]) -> None:
        """They will look."""

    @contextmanager
    def heard(self, take: Take) -> Iterator[None]:
        yield
