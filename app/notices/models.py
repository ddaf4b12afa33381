"""What people are told: an entry in the inbox of an organisation, and the mails on their way out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Row


class Notice(Row, Base):
    """One organisation is told of one event. `code` selects the sentence, `values` fill it, in the reader's language."""

    __tablename__ = "notice"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(60))
    values: Mapped[dict[str, Any]]
    subject_type: Mapped[str] = mapped_column(String(24))
    subject_ref: Mapped[str] = mapped_column(String(13))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_notice_inbox", "organisation_id", "read_at", "created_at"),)


class Mail(Row, Base):
    """A mail saved with the change that caused it; a job sends it after the commit. `unsubscribe_url`: of a mail that its reader
    asked for by subscribing; one request there ends it."""

    __tablename__ = "mail"
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    unsubscribe_url: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
