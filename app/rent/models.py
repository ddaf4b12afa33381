"""Statements of rent, written once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row
from app.db.immutable import guard


class RentStatement(Row, Base):
    """What a supplier asks of a beneficiary under one agreement, for everything up to `until` that no earlier statement has."""

    __tablename__ = "rent_statement"
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    beneficiary_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    until: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("supplier_id <> beneficiary_id", name="two_parties"),
        Index("uq_rent_statement_number", "agreement_id", "number", unique=True),
    )


class RentStatementLine(Row, Base):
    """kind: rent, reversal (of an earlier line whose days turned out otherwise), make_ready. `base_minor`, `shared_minor`: a year,
    before discounts and index; discounts and index as exact text."""

    __tablename__ = "rent_statement_line"
    statement_id: Mapped[int] = mapped_column(ForeignKey("rent_statement.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    line_number: Mapped[int | None]
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"))
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    tenants: Mapped[int | None]
    anchor: Mapped[bool | None]
    base_discount: Mapped[str | None] = mapped_column(String(20))
    shared_discount: Mapped[str | None] = mapped_column(String(20))
    index_factor: Mapped[str | None] = mapped_column(Text)
    base_minor: Mapped[int | None]
    shared_minor: Mapped[int | None]
    year_days: Mapped[int | None]
    amount_minor: Mapped[int]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("rent_statement_line.id"), unique=True)
    item_number: Mapped[int | None]
    text: Mapped[str] = mapped_column(String(300), default="")
    __table_args__ = (
        CheckConstraint("kind IN ('rent','reversal','make_ready')", name="kind"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reverses"),
        CheckConstraint("(kind = 'make_ready') = (item_number IS NOT NULL)", name="item"),
        CheckConstraint("kind = 'make_ready' OR (line_number IS NOT NULL AND starts < ends)", name="window"),
        CheckConstraint("kind = 'reversal' OR amount_minor >= 0", name="amount"),
        Index("uq_rent_statement_line_number", "statement_id", "number", unique=True),
        Index("ix_rent_statement_line_agreement", "agreement_id", "line_number"),
        Index("uq_rent_statement_line_item", "agreement_id", "item_number", unique=True),
    )


for _model in (RentStatement, RentStatementLine):
    guard(_model.__table__)  # type: ignore[arg-type]
