"""Who has taken which task, whose calendar reads them, and who is sent a digest."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped


class TaskHold(Row, Base):
    """A person has a task of an organisation. The task itself is derived from its subject; a hold on what no longer waits means
    nothing. `given_by`: who assigned it, or the holder."""

    __tablename__ = "task_hold"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(13))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    given_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime]
    __table_args__ = (Index("uq_task_hold_task", "organisation_id", "kind", "subject_ref", unique=True),)


class TaskFeed(Row, Base):
    """A calendar of one person's tasks for one organisation, read by whoever holds its secret, of which only the SHA-256 is kept.
    A new one revokes the last."""

    __tablename__ = "task_feed"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "uq_task_feed_live",
            "person_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )


class TaskDigest(Row, Stamped, Base):
    """What a person is sent of an organisation's tasks. every: never, day, week. whose: all, mine. `sent_on`: the last day."""

    __tablename__ = "task_digest"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    every: Mapped[str] = mapped_column(String(5))
    whose: Mapped[str] = mapped_column(String(4))
    sent_on: Mapped[date | None]
    __table_args__ = (
        CheckConstraint("every IN ('never','day','week')", name="every"),
        CheckConstraint("whose IN ('all','mine')", name="whose"),
        Index("uq_task_digest_person", "person_id", "organisation_id", unique=True),
    )
