"""Savings, written once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row
from app.db.immutable import guard


class Saving(Row, Base):
    """What one need's organisation saved by an agreement or in a group. `definition`: of savings/rules.py. `part`: how much of the
    need's quantity. `alone_minor`: building it alone; `shared_minor`: sharing it; both for that part. `alone_stated`: by the
    requester, else by the profile's costs. `days`: that building alone would have taken, as stated."""

    __tablename__ = "saving"
    definition: Mapped[str] = mapped_column(String(20))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"), unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("cobuild_group.id"))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    region: Mapped[str] = mapped_column(String(12), index=True)
    part: Mapped[int]
    alone_minor: Mapped[int]
    alone_stated: Mapped[bool]
    shared_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    days: Mapped[int | None]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("(agreement_id IS NULL) <> (group_id IS NULL)", name="of_one"),
        CheckConstraint("(agreement_id IS NULL) = (owner_id IS NULL)", name="owner"),
        CheckConstraint("part > 0", name="part"),
        Index("uq_saving_member", "group_id", "need_id", unique=True),
    )

    @property
    def saved_minor(self) -> int:
        return self.alone_minor - self.shared_minor


guard(Saving.__table__)  # type: ignore[arg-type]
