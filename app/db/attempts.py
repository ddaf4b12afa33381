"""How often something was tried in a window of time: counts that all worker processes share, by the database's clock.

A key is kept as its hash alone: it may hold an address or an e-mail. Windows that are over are deleted a few at a
time, as others are counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base, UtcDateTime
from app.db.clock import database_now

SWEPT = 20  # windows that are over, at most, with each attempt
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class AttemptCount(Base):
    """One window of one key. It is no row that anybody refers to."""

    __tablename__ = "attempt_count"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256
    times: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)


def count(session: Session, key: str, seconds: int, amount: int) -> int:
    """Add `amount` to the window of `key` that is open, or begin one of `seconds`; what it then holds."""
    now = session.scalars(select(database_now())).one()
    times, _ends = _add(session, key, seconds, amount, now)
    _sweep(session, now)
    return times


def take(session: Session, wanted: Mapping[str, tuple[int, int]]) -> dict[str, datetime] | None:
    """One attempt of each key (its seconds, how often at most): when each window ends; None when one of them is full, and then the
    transaction is to be rolled back. In the order of the keys, and swept last: two that take the same ones wait in no ring."""
    now = session.scalars(select(database_now())).one()
    ends = {}
    for key, (seconds, most) in sorted(wanted.items()):
        times, ends[key] = _add(session, key, seconds, 1, now)
        if times > most:
            return None
    _sweep(session, now)
    return ends


def give_back(session: Session, taken: Mapping[str, datetime]) -> None:
    """The attempts that `take` counted, of the windows in which it counted them."""
    for key, end in sorted(taken.items()):
        same = (AttemptCount.key == _hash(key)) & (AttemptCount.ends_at == end)
        session.execute(update(AttemptCount).where(same).values(times=AttemptCount.times - 1))


def _add(session: Session, key: str, seconds: int, amount: int, now: datetime) -> tuple[int, datetime]:
    """Safe among many writers: one statement reads and writes."""
    made = INSERT[session.get_bind().dialect.name](AttemptCount).values(
        key=_hash(key), times=amount, ends_at=now + timedelta(seconds=seconds)
    )
    is_over = AttemptCount.ends_at <= now
    counted = made.on_conflict_do_update(
        index_elements=[AttemptCount.key],
        set_={
            "times": case((is_over, amount), else_=AttemptCount.times + amount),
            "ends_at": case((is_over, made.excluded.ends_at), else_=AttemptCount.ends_at),
        },
    ).returning(AttemptCount.times, AttemptCount.ends_at)
    times, end = session.execute(counted).one()
    return int(times), end


def counted(session: Session, key: str) -> int:
    """What the open window of `key` holds."""
    open_ = select(func.max(AttemptCount.times)).where(AttemptCount.key == _hash(key), AttemptCount.ends_at > database_now())
    return int(session.scalar(open_) or 0)


def ends_at(session: Session, key: str) -> datetime:
    """When the open window of `key` ends; now, when none is open."""
    end = session.scalar(select(AttemptCount.ends_at).where(AttemptCount.key == _hash(key)))
    now: datetime = session.scalars(select(database_now())).one()
    return max(end, now) if end else now


def forget(session: Session, key: str | None = None) -> int:
    """End the window of `key`, or of all keys; how many."""
    gone = delete(AttemptCount)
    return int(session.execute(gone if key is None else gone.where(AttemptCount.key == _hash(key))).rowcount)  # type: ignore[attr-defined]


def _sweep(session: Session, now: datetime) -> None:
    """A few windows that are over; those that another writer has at hand are left to it, so that nobody waits in a ring."""
    over = select(AttemptCount.key).where(AttemptCount.ends_at <= now).limit(SWEPT).with_for_update(skip_locked=True)
    session.execute(delete(AttemptCount).where(AttemptCount.key.in_(over)).execution_options(synchronize_session=False))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
