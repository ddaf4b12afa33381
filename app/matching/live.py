"""A kind's market in the memory of one process: a live index that catches up with the database before it answers.

It holds exactly what one snapshot held, and says which. Several processes have one each; they agree because each reads the same
committed changes, whole transactions at a time, and none trusts another's memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import Database
from app.engine import Params, Problem, ProblemError
from app.engine.live import NOBODY, Affected, ListingAnswer, LiveIndex, NeedAnswer
from app.listings import Listing
from app.matching.changelog import Position, position, since
from app.matching.source import Scope, listing_rows, load_problem, need_rows, roots

CHUNK = 500  # bound parameters of one IN list
MOST = 20_000  # changed rows; beyond them building anew is quicker


class Behind(Exception):
    """Too much has changed, or in too many places: build anew."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Answers, and the change up to which they are true: everything committed before they were asked for is in them."""

    sequence: int
    needs: tuple[NeedAnswer, ...] = ()
    listings: tuple[ListingAnswer, ...] = ()


class LiveMarket:
    """One kind. `affected` gathers whose answers have changed since `settle` was called last. One thread at a time."""

    def __init__(self, kind: str, problem: Problem, seen: Position, params: Params) -> None:
        self.kind, self.seen, self.index = kind, seen, LiveIndex(problem, params)
        self.affected: Affected = NOBODY

    @classmethod
    def load(cls, database: Database, kind: str, params: Params | None = None) -> LiveMarket:
        """Everything of the kind that is open for matching now."""
        with database.snapshot() as session, database.beside(session) as second:
            problem = load_problem(session, Scope(kind=kind, disclosed=True), beside=second)
            return cls(kind, problem, position(session), params or Params())

    def catch_up(self, database: Database) -> Affected:
        """Take what was committed since; whose answers that may have altered. Raises `Behind` when it has to be built anew."""
        with database.snapshot() as session:
            return self.read(session)

    def read(self, session: Session) -> Affected:
        """`catch_up` in a snapshot that is open already."""
        now = position(session)
        changed = since(session, self.seen)
        if changed is None or len(changed) > MOST or any(subject == "organisation" for subject, _ in changed):
            raise Behind(self.kind)
        affected = self._take(session, changed) if changed else NOBODY
        self.seen = now
        self.affected = self.affected | affected
        return affected

    def _take(self, session: Session, changed: set[tuple[str, int]]) -> Affected:
        of = {subject: [row for name, row in changed if name == subject] for subject in ("listing", "need", "asset")}
        on_assets = _chunked(session, select(Listing.id).where(Listing.kind == self.kind), Listing.asset_id, of["asset"])
        listing_ids = {*of["listing"], *on_assets}
        heads = roots(session)
        listings = [
            row
            for ids in _chunks(sorted(listing_ids))
            for row in listing_rows(session, Scope(self.kind, listing_ids=ids, open_only=True, disclosed=True), heads, None)
        ]
        needs = [
            row
            for ids in _chunks(sorted(of["need"]))
            for row in need_rows(session, Scope(self.kind, need_ids=ids, open_only=True), heads)
        ]
        try:
            return self.index.change(
                listings, needs, listing_ids - {row.id for row in listings}, set(of["need"]) - {row.id for row in needs}
            )
        except ProblemError as error:
            raise Behind(self.kind) from error

    def settle(self) -> None:
        """What was affected has been dealt with."""
        self.affected = NOBODY

    def answer(self, database: Database, needs: Sequence[int] = (), listings: Sequence[int] = ()) -> Fresh:
        """Answers of needs and listings that are open, never older than what was committed before this was called. KeyError
        for one that is not open."""
        self.catch_up(database)
        return Fresh(self.seen.sequence, tuple(self.index.match_needs(needs)), tuple(self.index.match_listings(listings)))


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    walk = iter(ids)
    while chunk := list(islice(walk, CHUNK)):
        yield chunk


def _chunked(session: Session, statement: Any, column: Any, ids: list[int]) -> set[int]:
    return {found for chunk in _chunks(ids) for found in session.scalars(statement.where(column.in_(chunk)))}
