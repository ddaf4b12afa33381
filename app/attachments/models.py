"""Documents attached to any object: the row here, the bytes by their SHA-256 under the files folder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class Attachment(Row, Base):
    __tablename__ = "attachment"
    subject_type: Mapped[str] = mapped_column(String(24))
    subject_ref: Mapped[str] = mapped_column(String(13))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(40), default="document")
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_attachment_subject", "subject_type", "subject_ref"),)
