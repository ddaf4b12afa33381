"""One task for each competent regulator of a submitted agreement version, and its decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row, Stamped, Versioned


class Approval(Row, Stamped, Versioned, Base):
    """mode: decide, consult, file. status: waiting, approved, approved_with_conditions, returned, refused, noted, void.

    `content_hash`: of the version that the decision is on; a decision on anything else is refused. `reason_competent`: why
    this regulator, {en, zh}."""

    __tablename__ = "approval"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    regulator_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    authority: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(12))
    mode: Mapped[str] = mapped_column(String(8))
    reason_competent: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(28), default="waiting")
    content_hash: Mapped[str] = mapped_column(String(64))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reasons: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("mode IN ('decide','consult','file')", name="mode"),
        CheckConstraint(
            "status IN ('waiting','approved','approved_with_conditions','returned','refused','noted','void')", name="status"
        ),
        CheckConstraint("status NOT IN ('returned','refused') OR reasons IS NOT NULL", name="reasons"),
        CheckConstraint("status <> 'approved_with_conditions' OR conditions IS NOT NULL", name="conditions"),
        CheckConstraint("(status IN ('waiting','void')) OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)", name="decided"),
        Index("uq_approval_regulator", "version_id", "regulator_id", unique=True),
        Index("ix_approval_inbox", "regulator_id", "status"),
    )
