"""Writes the ledger of disclosure: who saw which asset how precisely, through what, on what basis, for what purpose.

A row stands for one person, asset, tier, way and hour, with its first and last instant and a count. What is exact or internal
(T2, T3) is committed before the answer leaves; a repetition within the hour, and what is approximate (T1), is gathered in memory
and written within `LINGER_S` seconds, after the answer: a process that is killed loses at most that much of them.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.catalogue.tiers import Tier
from app.db.session import Database
from app.db.work import VIA, Reader, UnitOfWork
from app.disclosure.held import held, held_by_area
from app.disclosure.models import Grant, Sight
from app.disclosure.sightings import Sighting

LINGER_S = 2.0
MOST_KEYS = 200_000  # remembered as written; then forgotten and written anew
KEY = ("asset_id", "organisation_id", "person_id", "tier", "via", "grant_id", "hour")
Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass
class Witness:
    """One per process. `lingers`: whether a timer writes what waits; without it `flush` does."""

    database: Database
    lingers: bool = True

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Key, Row] = {}
        self._written: set[Key] = set()
        if self.lingers:
            atexit.register(self.flush)

    def after_read(self, reader: Reader) -> None:
        """Before the answer of a query leaves."""
        rows = self._rows(reader.session, reader)
        urgent = [row for row in rows if row["tier"] >= "T2" and _key(row) not in self._written]
        if urgent:
            with self.database.write() as session:
                _write(session, urgent)
            self._remember(urgent)
        done = {_key(row) for row in urgent}
        self._gather(row for row in rows if _key(row) not in done)

    def within(self, work: UnitOfWork) -> None:
        """In the transaction of a use case: what its answer shows is recorded with it."""
        _write(work.session, self._rows(work.session, work))

    def _rows(self, session: Session, reader: Reader) -> list[Row]:
        grants = _grants(session, reader)
        return [_row(reader, sighting, grants) for sighting in sorted(reader.sightings.values(), key=lambda one: one.asset_id)]

    def _remember(self, rows: Iterable[Row]) -> None:
        with self._lock:
            if len(self._written) > MOST_KEYS:
                self._written.clear()
            self._written.update(_key(row) for row in rows)

    def _gather(self, rows: Iterable[Row]) -> None:
        with self._lock:
            was_empty = not self._waiting
            for row in rows:
                known = self._waiting.setdefault(_key(row), row)
                if known is not row:
                    known["times"] += row["times"]
                    known["last_at"] = max(known["last_at"], row["last_at"])
            if self.lingers and was_empty and self._waiting:
                timer = threading.Timer(LINGER_S, self.flush)
                timer.daemon = True
                timer.start()

    def flush(self) -> int:
        """Write what waits. What cannot be written waits on. Returns how many rows."""
        with self._lock:
            rows, self._waiting = list(self._waiting.values()), {}
        if not rows:
            return 0
        try:
            with self.database.write() as session:
                _write(session, rows)
        except Exception:
            self._gather(rows)
            raise
        return len(rows)


def _key(row: Row) -> Key:
    return tuple(row[name] for name in KEY)


def _row(reader: Reader, sighting: Sighting, grants: dict[int, tuple[Tier, int, str | None, str]]) -> Row:
    grant = None if sighting.is_public else grants.get(sighting.asset_id)
    by_grant = grant is not None and grant[0] >= sighting.tier
    actor = reader.actor
    return {
        "asset_id": sighting.asset_id,
        "owner_id": sighting.owner_id,
        "organisation_id": actor.organisation_id,
        "person_id": actor.user_id or 0,
        "person_name": actor.name,
        "tier": sighting.tier.name,
        "basis": "public" if sighting.is_public else "grant" if by_grant else "competence",
        "grant_id": grant[1] if by_grant and grant is not None else 0,
        "purpose_code": grant[2] if by_grant and grant is not None else None,
        "purpose": grant[3] if by_grant and grant is not None else None,
        "via": VIA.get()[:60],
        "hour": _hour(reader.now),
        "first_at": reader.now,
        "last_at": reader.now,
        "times": 1,
    }


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _grants(session: Session, reader: Reader) -> dict[int, tuple[Tier, int, str | None, str]]:
    """By asset, the grant that shows most of it, for sights that are not public."""
    ids = [one.asset_id for one in reader.sightings.values() if not one.is_public]
    found: dict[int, tuple[Tier, int, str | None, str]] = {}
    if not ids:
        return found
    for statement in (held(reader.actor), held_by_area(reader.actor)):
        asset_id = statement.selected_columns[0]
        wanted = statement.add_columns(Grant.id, Grant.purpose_code, Grant.purpose).where(asset_id.in_(ids))
        for asset, tier, number, code, purpose in session.execute(wanted):
            if asset not in found or found[asset][0] < Tier[tier]:
                found[asset] = (Tier[tier], number, code, purpose)
    return found


def _write(session: Session, rows: list[Row]) -> None:
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Sight)
    statement = statement.on_conflict_do_update(
        index_elements=list(KEY),
        set_={"times": Sight.times + statement.excluded.times, "last_at": statement.excluded.last_at},
    )
    session.connection().execute(statement, rows)
