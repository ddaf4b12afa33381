"""One task for each competent regulator of a submitted agreement version, its decision, its conditions, and who stands in for whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Json, Row, Stamped, Versioned


class Approval(Row, Stamped, Versioned, Base):
    """mode: decide, consult, file. status: waiting, proposed, approved, approved_with_conditions, returned, refused, noted, void.

    `content_hash` and `ledger_hash`: what a decision is over, the agreement's version and the ledger's; a decision on anything else is
    refused. `ledger`: what was read of the ledger. `officer_id`: whose case it is. `four_eyes`: one person proposes and another
    decides. `void_reason`: why an earlier proposal or decision no longer holds, {en, zh}; `remark`: why a colleague sent it back.
    `reason_competent`: why this regulator, {en, zh}. `conditions_asked`: [{text, by, due_on}] as proposed.
    `deemed`: nobody decided, the clock passed (silence.py)."""

    __tablename__ = "approval"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("agreement_version.id"))
    regulator_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    authority: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(12))
    mode: Mapped[str] = mapped_column(String(8))
    four_eyes: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason_competent: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(28), default="waiting")
    content_hash: Mapped[str] = mapped_column(String(64))
    ledger_hash: Mapped[str | None] = mapped_column(String(64))
    ledger: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_action: Mapped[str | None] = mapped_column(String(28))
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    deemed: Mapped[bool] = mapped_column(default=False, server_default=false())
    reasons: Mapped[str | None] = mapped_column(Text)
    conditions: Mapped[str | None] = mapped_column(Text)
    conditions_asked: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    remark: Mapped[str | None] = mapped_column(Text)
    void_reason: Mapped[dict[str, Any] | None] = mapped_column(Json)
    __table_args__ = (
        CheckConstraint("mode IN ('decide','consult','file')", name="mode"),
        CheckConstraint(
            "status IN ('waiting','proposed','approved','approved_with_conditions','returned','refused','noted','void')",
            name="status",
        ),
        CheckConstraint("status NOT IN ('returned','refused') OR reasons IS NOT NULL", name="reasons"),
        CheckConstraint("status <> 'approved_with_conditions' OR conditions IS NOT NULL", name="conditions"),
        CheckConstraint(
            "(status IN ('waiting','proposed','void')) OR ((decided_by IS NOT NULL OR deemed) AND decided_at IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint(
            "NOT deemed OR (decided_by IS NULL AND proposed_by IS NULL AND status IN ('approved','noted','void'))", name="deemed"
        ),
        CheckConstraint(
            "status <> 'proposed' OR (proposed_by IS NOT NULL AND proposed_at IS NOT NULL AND proposed_action IS NOT NULL)",
            name="proposed",
        ),
        CheckConstraint(
            "NOT four_eyes OR deemed OR status NOT IN ('approved','approved_with_conditions','returned','refused') "
            "OR (proposed_by IS NOT NULL AND proposed_by <> decided_by)",
            name="four_eyes",
        ),
        Index("uq_approval_regulator", "version_id", "regulator_id", unique=True),
        Index("ix_approval_inbox", "regulator_id", "status"),
    )


class ApprovalCondition(Row, Stamped, Versioned, Base):
    """A condition of an approval: who fulfils it by when. status: open, reported (by whom it obliges), fulfilled (the regulator
    agrees), void (with its decision). `note`: what was said last about it."""

    __tablename__ = "approval_condition"
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), index=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    obliged_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    due_on: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default="open")
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (CheckConstraint("status IN ('open','reported','fulfilled','void')", name="status"),)


class Delegation(Row, Stamped, Base):
    """A colleague stands in from `starts` until `ends` (exclusive): `grantor` delegates, or is absent; its cases pass to
    `delegate`."""

    __tablename__ = "delegation"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    grantor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    starts: Mapped[date]
    ends: Mapped[date]
    reason: Mapped[str | None] = mapped_column(String(200))
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("kind IN ('delegation','absence')", name="kind"),
        CheckConstraint("grantor_id <> delegate_id", name="two_people"),
        CheckConstraint("starts < ends", name="window"),
    )
