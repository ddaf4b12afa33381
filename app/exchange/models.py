"""Imports and their staging: what was uploaded, how its columns were mapped, its rows and problems as the dry run found them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigId, Row, Stamped, Versioned


class ImportBatch(Row, Stamped, Versioned, Base):
    """One file on its way in. status: uploaded, checking, checked, importing, committed, undoing, undone, failed,
    discarded.

    `settings`: what the person decided (kind, crs, sheets, defaults …), see `service.Decisions`. `findings`: what the dry run
    says of the file as a whole (columns, warnings, assumed values, systems). The bytes lie under the files folder by `sha256`
    until it is over. `written_to`: the last staged row that a large import has written, while it is written piece by piece."""

    __tablename__ = "import_batch"
    subject: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(12), default="uploaded")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    needs_list_id: Mapped[int | None] = mapped_column(ForeignKey("needs_list.id"))
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    provenance: Mapped[str] = mapped_column(String(12), default="declared")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    findings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    read_rows: Mapped[int] = mapped_column(default=0)
    sound_rows: Mapped[int] = mapped_column(default=0)
    problem_count: Mapped[int] = mapped_column(default=0)
    made_rows: Mapped[int] = mapped_column(default=0)
    written_to: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    job_id: Mapped[int | None]
    message: Mapped[str | None] = mapped_column(Text)
    committed_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("subject IN ('listings','needs')", name="subject"),
        CheckConstraint(
            "status IN ('uploaded','checking','checked','importing','committed','undoing','undone','failed','discarded')",
            name="status",
        ),
        CheckConstraint("provenance IN ('declared','surveyed','derived','demo')", name="provenance"),
        CheckConstraint("(status IN ('committed','undoing','undone')) = (committed_at IS NOT NULL)", name="committed"),
    )


class ImportRow(Base):
    """A sound row, staged: `data` as `RowDraft` writes it, its place as WKB."""

    __tablename__ = "import_row"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    sheet: Mapped[str] = mapped_column(String(200))
    row: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]]
    wkb: Mapped[bytes] = mapped_column(LargeBinary)


class ImportProblem(Base):
    """One thing wrong, at its place, in both languages. `cells`: column → what it holds, for who corrects
    it: the one that is wrong, and the one that belongs to it (a latitude to its longitude)."""

    __tablename__ = "import_problem"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    sheet: Mapped[str | None] = mapped_column(String(200))
    row: Mapped[int | None]
    column: Mapped[str | None] = mapped_column(String(120))
    detail_en: Mapped[str] = mapped_column(Text)
    detail_zh: Mapped[str] = mapped_column(Text)
    cells: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    __table_args__ = (
        Index("uq_import_problem_position", "import_id", "position", unique=True),
        Index("ix_import_problem_code", "import_id", "code", "position"),
    )


class ColumnMapping(Base):
    """What an organisation settled for files with the same headers. `signature`: digest of the normalised headers."""

    __tablename__ = "column_mapping"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    subject: Mapped[str] = mapped_column(String(10))
    signature: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]
    __table_args__ = (Index("uq_column_mapping_signature", "organisation_id", "subject", "signature", unique=True),)
