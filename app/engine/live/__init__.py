"""The live index: a problem that changes, and answers one need or one listing exactly as a full run would. See
docs/engine-live.md.

Every answer is computed when it is asked, from what the index holds then; `apply` says whose answers a change may have altered.
One thread at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from app.engine.backend import use_kernels
from app.engine.compile import KindTables
from app.engine.live.answers import NOBODY, Affected, ListingAnswer, Match, Miss, NeedAnswer
from app.engine.live.rows import Change, change_of
from app.engine.problem import Problem
from app.engine.result import Params
from app.engine.rows import ListingRow, NeedRow

__all__ = ["NOBODY", "Affected", "Change", "ListingAnswer", "LiveIndex", "Match", "Miss", "NeedAnswer"]


class LiveIndex:
    """A changing problem. On compiled kernels where they are ready, else on numpy: the same answers."""

    def __init__(self, problem: Problem, params: Params | None = None) -> None:
        self.params = params or Params()
        if use_kernels():
            from app.engine.live.compiled import CompiledRows as Rows
        else:
            from app.engine.live.plain import PlainRows as Rows  # type: ignore[assignment]
        self._rows = Rows(problem, self.params)

    @property
    def tables(self) -> KindTables:
        return self._rows.tables

    def change(
        self,
        listings: Iterable[ListingRow] = (),
        needs: Iterable[NeedRow] = (),
        gone_listings: Collection[int] = (),
        gone_needs: Collection[int] = (),
    ) -> Affected:
        """Take new, changed and withdrawn rows, all at once. Raises `ProblemError` for a row that no problem may hold, and then
        takes nothing."""
        return self.apply(change_of(self.tables, list(listings), list(needs), gone_listings, gone_needs))

    def apply(self, change: Change) -> Affected:
        """`change`, from columns that were checked."""
        return self._rows.apply(change)

    def match_needs(self, ids: Sequence[int]) -> list[NeedAnswer]:
        """The answers of needs, in the order given; KeyError for an id that is not there."""
        return self._rows.match_needs(ids)

    def match_listings(self, ids: Sequence[int]) -> list[ListingAnswer]:
        """The answers of listings, in the order given; KeyError for an id that is not there."""
        return self._rows.match_listings(ids)

    def present(self, needs: Collection[int], listings: Collection[int]) -> tuple[list[int], list[int]]:
        """Those of these ids that are there, in order."""
        return self._rows.present(needs, listings)

    def problem(self) -> Problem:
        """Everything as it is now, as a problem of its own. O(n)."""
        return self._rows.problem()

    def compact(self) -> None:
        """Build anew: what was replaced takes room, and searches pass over it."""
        self._rows.compact()
