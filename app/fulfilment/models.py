"""What follows an agreement's entry into force: make-ready items, installations with their as-built record, the ending."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped

_WAITING = text("status = 'waiting'")
_STANDING = text("status <> 'declined'")


class MakeReadyItem(Row, Stamped, Base):
    """One piece of work on the asset before the installation. `shares`: [{payer, name, minor}], adding up to the amount;
    `final_minor`: what it cost in the end. status: open, done, dropped."""

    __tablename__ = "make_ready_item"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    cause: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[int]
    final_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    shares: Mapped[list[Any]]
    weights: Mapped[dict[str, Any]]
    violator: Mapped[str] = mapped_column(String(120), default="")
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(8), default="open")
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("cause IN ('new_attachment','shared_benefit','existing_violation','owner_upgrade')", name="cause"),
        CheckConstraint("status IN ('open','done','dropped')", name="status"),
        CheckConstraint("amount_minor >= 0 AND (final_minor IS NULL OR final_minor >= 0)", name="amount"),
        CheckConstraint("(status = 'done') = (done_on IS NOT NULL AND final_minor IS NOT NULL)", name="done"),
        CheckConstraint("(cause = 'existing_violation') = (violator <> '')", name="violator"),
        Index("uq_make_ready_item_number", "agreement_id", "number", unique=True),
    )


class Installation(Row, Stamped, Base):
    """What was installed, as built: line number → dimension → milli. status: waiting, accepted, returned (with `defects`)."""

    __tablename__ = "installation"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    installed_on: Mapped[date]
    equipment: Mapped[str] = mapped_column(Text)
    built: Mapped[dict[str, Any]]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    status: Mapped[str] = mapped_column(String(8), default="waiting")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    answered_on: Mapped[date | None]
    defects: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("status IN ('waiting','accepted','returned')", name="status"),
        CheckConstraint("(status = 'waiting') = (answered_by IS NULL)", name="answered"),
        CheckConstraint("answered_by IS NULL OR answered_by <> recorded_by", name="two_parties"),
        CheckConstraint("(status = 'returned') = (defects IS NOT NULL)", name="defects"),
        Index("uq_installation_number", "agreement_id", "number", unique=True),
        Index(
            "uq_installation_waiting",
            "agreement_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )


class Ending(Row, Stamped, Base):
    """How an agreement ends: proposed by one party, agreed by the other; the removal declared by one, confirmed by the other.
    status: proposed, declined, agreed, removed."""

    __tablename__ = "ending"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    ground: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    ends_on: Mapped[date]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="proposed")
    removed_on: Mapped[date | None]
    removal_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    confirmed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("ground IN ('term_over','agreed','breach','asset_retired','force_majeure')", name="ground"),
        CheckConstraint("status IN ('proposed','declined','agreed','removed')", name="status"),
        CheckConstraint("(ground = 'term_over') = (proposed_by IS NULL)", name="proposer"),
        CheckConstraint("answered_by IS NULL OR answered_by <> proposed_by", name="two_parties"),
        CheckConstraint("(removed_on IS NULL) = (removal_by IS NULL)", name="removal"),
        CheckConstraint(
            "(status = 'removed') = (confirmed_by IS NOT NULL AND removed_on IS NOT NULL AND confirmed_at IS NOT NULL)",
            name="confirmed",
        ),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> removal_by", name="two_confirm"),
        Index("uq_ending_standing", "agreement_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
    )
