"""The record of every change of state: who, for whom, what, before and after, chained per acting organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.guards import guard
from app.db.base import Base, Row


class AuditRecord(Row, Base):
    """Append-only (a trigger refuses updates and deletes). `chain`: the acting organisation's ref, or "platform" for system acts.
    `effective_at`: by the
    application's clock, `recorded_at`: by the database's. `hash` is SHA-256 over the canonical JSON of the row with `prev_hash`."""

    __tablename__ = "audit_record"
    chain: Mapped[str] = mapped_column(String(13))
    position: Mapped[int]
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(24))
    subject_ref: Mapped[str] = mapped_column(String(13))
    user_id: Mapped[int | None]
    user_name: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int | None]
    organisation_name: Mapped[str] = mapped_column(String(200))
    organisation_name_zh: Mapped[str | None] = mapped_column(String(200))
    agent_id: Mapped[int | None]
    agent_name: Mapped[str | None] = mapped_column(String(200))
    agent_name_zh: Mapped[str | None] = mapped_column(String(200))
    concerned: Mapped[list[Any]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(String(40))
    effective_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_audit_record_position", "chain", "position", unique=True),
        Index("uq_audit_record_prev", "chain", "prev_hash", unique=True),
        Index("ix_audit_record_subject", "subject_type", "subject_ref"),
    )


guard(cast(Table, AuditRecord.__table__))
