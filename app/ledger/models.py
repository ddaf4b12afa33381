"""The capacity ledger: totals by dimension and every claim on them over time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped
from app.ledger.guards import attach

CLAIM_KINDS = ("baseline", "unavailable", "reserve", "held", "pending", "committed")
CLAIM_STATES = ("active", "released", "expired", "converted", "ended")


class Capacity(Base):
    """The total of one dimension of an asset: thousandths of the unit for a quantity, thousandths of a slot count for
    numbered slots.

    `version` is raised by the guard trigger with every claim: concurrent writers meet on this row."""

    __tablename__ = "capacity"
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(40), primary_key=True)
    sort: Mapped[str] = mapped_column(String(10))
    total_milli: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        CheckConstraint("sort IN ('quantity','slots')", name="sort"),
        CheckConstraint("total_milli >= 0", name="total"),
        CheckConstraint("sort <> 'slots' OR total_milli % 1000 = 0", name="whole_slots"),
    )


class Claim(Row, Stamped, Base):
    """A part of a dimension that is not free in `[starts, ends)`. A slot claim names its slot; a quantity claim its amount.

    `holder_type`/`holder_ref`: what holds it (an access request, an agreement version, a tenant from before). `expires_at`:
    of a hold, by the database's clock. `equipment`: what a tenant from before has there."""

    __tablename__ = "claim"
    asset_id: Mapped[int]
    dimension: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default="active")
    slot: Mapped[int | None]
    amount_milli: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]
    listing_id: Mapped[int | None] = mapped_column(index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    holder_type: Mapped[str] = mapped_column(String(24))
    holder_ref: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(String(200))
    equipment: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["asset_id", "dimension"], ["capacity.asset_id", "capacity.dimension"], ondelete="CASCADE"),
        CheckConstraint("kind IN ('baseline','unavailable','reserve','held','pending','committed')", name="kind"),
        CheckConstraint("state IN ('active','released','expired','converted','ended')", name="state"),
        CheckConstraint("starts < ends", name="window"),
        CheckConstraint("amount_milli > 0", name="amount"),
        CheckConstraint("slot IS NULL OR (slot >= 1 AND amount_milli = 1000)", name="slot"),
        CheckConstraint("(kind = 'held') = (expires_at IS NOT NULL)", name="hold_expires"),
        CheckConstraint("equipment IS NULL OR kind = 'baseline'", name="equipment"),
        CheckConstraint("state <> 'expired' OR kind = 'held'", name="only_holds_expire"),
        CheckConstraint("state <> 'converted' OR kind IN ('held','pending','committed')", name="converted"),
        Index("ix_claim_profile", "asset_id", "dimension", "state", "starts"),
        Index("ix_claim_holder", "holder_type", "holder_ref"),
    )


attach(Claim.__table__)  # type: ignore[arg-type]
