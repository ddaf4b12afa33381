"""Imports as pages and programs see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts import OrganisationName, names
from app.db.jobs import JobView, job_view
from app.db.work import Reader
from app.exchange.decisions import Decisions
from app.exchange.models import ImportBatch, ImportProblem
from app.exchange.targets import Subject
from app.kernel.errors import Problem, fail
from app.kernel.permission import Subject as Facts
from app.kernel.text import Text
from app.needs import NeedsList, collecting_rounds


@dataclass(frozen=True, slots=True)
class ImportView:
    ref: str
    subject: Subject
    status: str
    filename: str
    size_bytes: int
    sha256: str
    provenance: str
    version: int
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    read_rows: int
    sound_rows: int
    problem_count: int
    made_rows: int
    message: str | None
    decisions: Decisions
    findings: Mapping[str, Any]
    organisation: OrganisationName | None
    needs_list: Text | None
    needs_list_ref: str | None
    job: JobView | None

    @property
    def left_s(self) -> int | None:
        """Seconds that a running check, commit or undo still takes, as far as that can be told."""
        return self.job.left_s if self.job is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """Whether a check, a commit or an undo is under way; one whose job has failed for good is not."""
        return self.status in ("checking", "importing", "undoing") and (
            self.job is None or self.job.state in ("queued", "running")
        )


@dataclass(frozen=True, slots=True)
class ImportPage:
    rows: tuple[ImportView, ...]
    count: int
    after: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """`first`: position of the first one shown, from 1. `cells`: what the cells of each hold, by column."""

    rows: tuple[Problem, ...]
    count: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    first: int = 0
    cells: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which of the problems: of one kind of fault, on one sheet, in one column."""

    code: str | None = None
    sheet: str | None = None
    column: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        given = ((ImportProblem.code, self.code), (ImportProblem.sheet, self.sheet), (ImportProblem.column, self.column))
        return [column == value for column, value in given if value]


@dataclass(frozen=True, slots=True)
class ProblemKinds:
    """How many of each, in the order in which the file first has them."""

    codes: Mapping[str, int]
    sheets: Mapping[str, int]
    columns: Mapping[str, int]


def list_imports(reader: Reader, *, after: tuple[Any, ...] | None = None, limit: int = 50) -> ImportPage:
    """The imports of the organisations that the actor reaches, newest first; the platform's administrator sees all."""
    statement = select(ImportBatch)
    if not (reader.actor.is_administrator or reader.actor.is_system):
        statement = statement.where(ImportBatch.organisation_id.in_(reader.actor.subtree))
    count = reader.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    if after is not None:
        statement = statement.where(ImportBatch.id < int(after[0]))
    found = reader.session.scalars(statement.order_by(ImportBatch.id.desc()).limit(limit + 1)).all()
    views = tuple(_view(reader.session, batch) for batch in found[:limit])
    return ImportPage(views, count, (found[limit - 1].id,) if len(found) > limit else None)


def import_detail(reader: Reader, ref: str) -> ImportView:
    """One import. Raises `not_found`."""
    return _view(reader.session, _load(reader, ref))


def import_problems(
    reader: Reader,
    ref: str,
    *,
    after: tuple[Any, ...] | None = None,
    before: tuple[Any, ...] | None = None,
    limit: int = 100,
    narrowed: Narrowed = Narrowed(),
) -> ProblemPage:
    """What is wrong with the file, in its order."""
    batch = _load(reader, ref)
    base = select(ImportProblem).where(ImportProblem.import_id == batch.id, *narrowed.conditions())
    if before is not None:
        found = reader.session.scalars(
            base.where(ImportProblem.position < int(before[0])).order_by(ImportProblem.position.desc()).limit(limit)
        ).all()
        found = found[::-1]
    else:
        start = int(after[0]) if after else 0
        found = reader.session.scalars(
            base.where(ImportProblem.position > start).order_by(ImportProblem.position).limit(limit)
        ).all()
    first, last = (found[0].position, found[-1].position) if found else (0, 0)
    place = ImportProblem.position
    behind, ahead = (
        reader.session.scalar(select(func.count()).select_from(base.where(side).subquery())) or 0
        for side in (place < first, place > last)
    )
    return ProblemPage(
        tuple(_problem(row) for row in found),
        batch.problem_count if narrowed == Narrowed() else behind + len(found) + ahead,
        (last,) if found and ahead else None,
        (first,) if found and behind else None,
        behind + 1 if found else 0,
        tuple(row.cells for row in found),
    )


def problem_kinds(reader: Reader, ref: str) -> ProblemKinds:
    """What is wrong with the file, counted: by kind of fault, by sheet, by column."""
    batch = _load(reader, ref)
    rows = reader.session.execute(
        select(ImportProblem.code, ImportProblem.sheet, ImportProblem.column, func.count(), func.min(ImportProblem.position))
        .where(ImportProblem.import_id == batch.id)
        .group_by(ImportProblem.code, ImportProblem.sheet, ImportProblem.column)
    ).all()
    codes: dict[str, int] = {}
    sheets: dict[str, int] = {}
    columns: dict[str, int] = {}
    for code, sheet, column, count, _first in sorted(rows, key=lambda row: row[4]):
        codes[code] = codes.get(code, 0) + count
        if sheet:
            sheets[sheet] = sheets.get(sheet, 0) + count
        if column:
            columns[column] = columns.get(column, 0) + count
    return ProblemKinds(codes, sheets, columns)


def every_problem(reader: Reader, ref: str) -> list[Problem]:
    """All that are kept, for the annotated workbook."""
    batch = _load(reader, ref)
    rows = reader.session.scalars(
        select(ImportProblem).where(ImportProblem.import_id == batch.id).order_by(ImportProblem.position)
    )
    return [_problem(row) for row in rows]


def _load(reader: Reader, ref: str) -> ImportBatch:
    batch = reader.session.scalar(select(ImportBatch).where(ImportBatch.ref == ref))
    if batch is None:
        raise fail("not_found")
    reader.permit("import.view", Facts(owner_id=batch.organisation_id, status=batch.status))
    return batch


def _problem(row: ImportProblem) -> Problem:
    return Problem(row.code, Text(row.detail_en, row.detail_zh), sheet=row.sheet, row=row.row, column=row.column)


def _view(session: Session, batch: ImportBatch) -> ImportView:
    listed = session.get(NeedsList, batch.needs_list_id) if batch.needs_list_id else None
    return ImportView(
        batch.ref,
        Subject(batch.subject),
        batch.status,
        batch.filename,
        batch.size_bytes,
        batch.sha256,
        batch.provenance,
        batch.version,
        batch.created_at,
        batch.committed_at,
        batch.undone_at,
        batch.read_rows,
        batch.sound_rows,
        batch.problem_count,
        batch.made_rows,
        batch.message,
        Decisions.from_json(batch.settings),
        batch.findings,
        names(session, [batch.organisation_id]).get(batch.organisation_id or 0),
        Text(listed.name, listed.name_zh or listed.name) if listed else None,
        listed.ref if listed else None,
        job_view(session, batch.job_id) if batch.job_id else None,
    )


@dataclass(frozen=True, slots=True)
class Collecting:
    """A needs list that takes entries today."""

    ref: str
    name: Text


def collecting_lists(reader: Reader) -> tuple[Collecting, ...]:
    """The needs lists that take entries of the reader's today, the one that closes first on top."""
    found = sorted(collecting_rounds(reader), key=lambda row: row.closes_on)
    return tuple(Collecting(row.ref, Text(row.name, row.name_zh or row.name)) for row in found)
