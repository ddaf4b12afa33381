"""The check of an import: read the file, dry run, judge against the database, stage what is sound. Nothing of it holds a lock
for long.

The file is read and validated outside of any transaction; rows and problems are staged in chunks, each in its own short one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import shapely
from sqlalchemy import Table, insert

from app.accounts import Organisation
from app.catalogue.kinds import KINDS
from app.catalogue.profiles import get_profile
from app.db.jobs import ask_cancel
from app.db.work import Bus, Reader, UnitOfWork
from app.exchange import files
from app.exchange.decided import read_as_decided
from app.exchange.decisions import Decisions
from app.exchange.drafts import Draft
from app.exchange.forgetting import clear_staging
from app.exchange.holding import Beside, Cells, beside, cells_held, cells_of
from app.exchange.judging import Judgement, Question, StagedRow, judge
from app.exchange.models import ImportBatch, ImportProblem, ImportRow
from app.exchange.plan import dry_run
from app.exchange.previewing import MOST_ASTRAY, heads, written
from app.exchange.problems import Note, note, unreadable
from app.exchange.reading import Source
from app.exchange.remembering import remembered, signature
from app.exchange.rules import LIFE
from app.exchange.service import load
from app.exchange.targets import Subject
from app.exchange.telling import announce, begin_check
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, Problem
from app.needs import NeedsList, check_collecting, invited_ids

CHUNK = 5000
PROBLEM_LIMIT = 20_000
WARNING_LIMIT = 200
PREVIEW_ROWS = 3
SHORT_LIST = 8
INLINE_BYTES = 512 * 1024  # larger files are checked by a job
Report = Callable[[int, str], None]
ROWS, PROBLEMS = cast(Table, ImportRow.__table__), cast(Table, ImportProblem.__table__)  # past the ORM: it costs more than SQLite


@dataclass(frozen=True, slots=True)
class Case:
    """An import as its check needs it, outside of a transaction. `closed`: why its needs list takes no entries now."""

    id: int
    subject: Subject
    filename: str
    sha256: str
    organisation_id: int | None
    decisions: Decisions
    question: Question
    closed: DomainError | None


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: the file, its dry run, what the database says of it, and every problem in the order of the file."""

    source: Source
    draft: Draft
    judgement: Judgement
    problems: list[Problem]


def nobody_listens(percent: int, message: str) -> None:
    """Progress that nobody asked for."""


def examine(bus: Bus, actor: Actor, case: Case, path: Path, report: Report = nobody_listens) -> Examined:
    """Read a file and say everything that is wrong with it. Writes nothing. Raises `file_unreadable`."""
    report(2, "reading")
    source = read_as_decided(path, case.filename, case.subject, case.decisions)
    mapping = bus.ask(remembered, actor, case.organisation_id, case.subject, signature(source.tables))
    plan = case.decisions.plan(case.subject, KINDS.all(), bus.today(), mapping, get_profile(case.question.profile).currency)
    draft = dry_run(source, plan, lambda done, total: report(10 + 50 * done // max(total, 1), "checking"))
    report(60, "comparing")
    judgement = bus.ask(judge, actor, case.question, draft)
    return Examined(source, draft, judgement, _all_problems(case, draft, judgement))


def check_import(bus: Bus, actor: Actor, ref: str, report: Report = nobody_listens) -> None:
    """Check the import from its file anew. Its drafters; afterwards it is checked, or failed with the one reason."""
    case = bus.execute(_begin, actor, ref)
    path = files.path_of(case.sha256)
    try:
        if not path.exists():
            raise unreadable("file_gone")
        found = examine(bus, actor, case, path, report)
    except DomainError as error:
        bus.execute(_fail, actor, (case, error))
        return
    report(70, "storing")
    _stage(bus, actor, case, found, report)
    bus.execute(_finish, actor, (case, found))


def ask_for_check(work: UnitOfWork, ref: str) -> int:
    """Queue the check of an import as a job, and return the job. Its drafters."""
    batch = load(work, ref, "import.check", None)
    batch.job_id = work.enqueue(
        "import.check",
        {
            "ref": ref,
            "user": work.actor.user_ref,
            "organisation": work.actor.organisation_ref,
        },
        key=f"import.check:{ref}",
    )
    begin_check(work, batch)
    return batch.job_id


def cancel_check(work: UnitOfWork, ref: str) -> None:
    """Ask a check that runs as a job to stop. Its drafters; it can be asked for again."""
    batch = load(work, ref, "import.check", None)
    if batch.job_id is not None:
        ask_cancel(work.session, batch.job_id)


def _begin(work: UnitOfWork, ref: str) -> Case:
    batch = load(work, ref, "import.check", None)
    batch.message = None
    begin_check(work, batch)
    clear_staging(work, batch.id)
    decisions = Decisions.from_json(batch.settings)
    made = case_of(work, Subject(batch.subject), batch.filename, batch.organisation_id, batch.needs_list_id, decisions)
    return replace(made, id=batch.id, sha256=batch.sha256)


def case_of(
    reader: Reader,
    subject: Subject,
    filename: str,
    organisation_id: int | None,
    needs_list_id: int | None,
    decisions: Decisions,
) -> Case:
    """The case of a file that is no import yet."""
    owner = reader.session.get(Organisation, organisation_id) if organisation_id else None
    listed = reader.session.get(NeedsList, needs_list_id) if needs_list_id else None
    question = Question(
        subject,
        owner.profile if owner else "cn-default",
        decisions.opens,
        listed.region if listed else None,
        decisions.new_organisations,
        listed.terms if listed else None,
        invited_ids(reader, listed) if listed else None,
        listed.version if listed else None,
    )
    return Case(0, subject, filename, "", organisation_id, decisions, question, _closed(reader, listed))


def _closed(reader: Reader, listed: NeedsList | None) -> DomainError | None:
    try:
        if listed is not None:
            check_collecting(listed.status, listed.opens_on, listed.closes_on, reader.today)
    except DomainError as error:
        return error
    return None


def _all_problems(case: Case, draft: Draft, judgement: Judgement) -> list[Problem]:
    """In the order of the file; what is wrong with it as a whole first."""
    whole = [Problem(case.closed.code, case.closed.text)] if case.closed is not None else []
    columns = {(sheet, m.column.letter): m.column.index for sheet, matches in draft.matches.items() for m in matches}
    found = [*draft.problems, *judgement.problems]
    return whole + sorted(found, key=lambda p: (p.sheet or "", p.row or 0, columns.get((p.sheet or "", p.column or ""), -1)))


def _stage(bus: Bus, actor: Actor, case: Case, found: Examined, report: Report) -> None:
    rows, kept = found.judgement.rows, found.problems[:PROBLEM_LIMIT]
    held = cells_held(found.source, kept), beside(found.draft.matches)
    for start in range(0, len(kept), CHUNK):
        bus.execute(_stage_problems, actor, (case, start, kept[start : start + CHUNK], held))
    left, done = iter(rows), 0
    while chunk := list(islice(left, CHUNK)):
        bus.execute(_stage_rows, actor, (case, chunk))
        done += len(chunk)
        report(70 + 28 * done // len(rows), "storing")


def _stage_rows(work: UnitOfWork, command: tuple[Case, list[StagedRow]]) -> None:
    case, rows = command
    places = shapely.to_wkb([row.draft.geometry for row in rows])
    work.session.execute(
        insert(ROWS),
        [
            {
                "import_id": case.id,
                "sheet": row.draft.sheet,
                "row": row.draft.row,
                "kind": row.draft.kind,
                "data": row.to_json(),
                "wkb": wkb,
            }
            for row, wkb in zip(rows, places, strict=True)
        ],
    )


def _stage_problems(work: UnitOfWork, command: tuple[Case, int, Sequence[Problem], tuple[Cells, Beside]]) -> None:
    case, start, problems, (values, beside) = command
    work.session.execute(
        insert(PROBLEMS),
        [
            {
                "import_id": case.id,
                "position": start + n,
                "code": p.code,
                "sheet": p.sheet,
                "row": p.row,
                "column": p.column[:120] if p.column else None,
                "detail_en": p.detail.en,
                "detail_zh": p.detail.zh,
                "cells": cells_of(p, values.get((p.sheet, p.row), {}), beside),
            }
            for n, p in enumerate(problems, 1)
        ],
    )


def _finish(work: UnitOfWork, command: tuple[Case, Examined]) -> None:
    case, found = command
    batch = work.session.get_one(ImportBatch, case.id)
    batch.status = LIFE.move(batch.status, "finish")
    batch.findings = _findings(found, case.question.profile) | {"list_version": case.question.list_version}
    batch.problem_count, batch.read_rows, batch.sound_rows = len(found.problems), found.draft.read, len(found.judgement.rows)
    batch.version, batch.updated_at = batch.version + 1, work.now
    after = {"rows": batch.read_rows, "sound": batch.sound_rows, "problems": batch.problem_count}
    announce(work, batch, "import.checked", after)


def _fail(work: UnitOfWork, command: tuple[Case, DomainError]) -> None:
    """The file as a whole cannot be read: its one problem is kept, and the import waits for other decisions or is given up."""
    case, error = command
    batch = work.session.get_one(ImportBatch, case.id)
    problems = error.problems or (Problem(error.code, error.text),)
    _stage_problems(work, (case, 0, problems, ({}, {})))
    batch.status, batch.message = LIFE.move(batch.status, "fail"), error.text.en
    batch.findings, batch.problem_count, batch.read_rows, batch.sound_rows = {}, len(problems), 0, 0
    batch.version, batch.updated_at = batch.version + 1, work.now
    announce(work, batch, "import.failed", {"reason": error.text.en})


def _findings(found: Examined, profile: str) -> dict[str, Any]:
    """What the check says of the file as a whole, for pages, programs and the commit."""
    source, draft, judgement = found.source, found.draft, found.judgement
    cases = {(row.organisation_id, row.region, str(row.draft.values.get("grade") or "general")) for row in judgement.rows}
    return {
        "format": source.format,
        "encoding": source.encoding,
        "crs": draft.crs,
        "signature": signature(source.tables),
        "mapping": draft.mapping.to_json(),
        "header_rows": {t.name: {"row": t.header_row, "lines": t.lines} for t in source.tables if t.lines},
        "columns": {sheet: _columns(source, sheet, draft) for sheet in draft.matches},
        "head": heads(source, list(draft.matches)),
        "astray": _astray(draft, judgement),
        "encodings": [{"encoding": choice.encoding, "preview": list(choice.preview)} for choice in source.encodings],
        "warnings": [_note(warning) for warning in _warnings(draft, judgement)],
        "assumed": dict(Counter(name for row in judgement.rows for name in row.draft.assumed)),
        "kinds": dict(Counter(row.draft.kind for row in judgement.rows)),
        "in_short": _in_short(found.problems),
        "unknown_organisations": list(judgement.unknown)[:WARNING_LIMIT],
        "new_organisations": _still_new(judgement),
        "cases": sorted((list(c) for c in cases if c[0] is not None), key=str),
        "profile": profile,
        "bounds": [float(v) for v in shapely.total_bounds([row.draft.geometry for row in judgement.rows])]
        if judgement.rows
        else None,
    }


def _astray(draft: Draft, judgement: Judgement) -> list[dict[str, Any]]:
    """Where rows lie that something else is wrong with."""
    sound = {(row.draft.sheet, row.draft.row) for row in judgement.rows}
    others = ((row.sheet, row.row, row.geometry) for row in draft.rows)
    places = [(s, n, shape.representative_point()) for s, n, shape in (*draft.unsound, *others) if (s, n) not in sound]
    return [{"sheet": s, "row": n, "lon": round(at.x, 6), "lat": round(at.y, 6)} for s, n, at in places[:MOST_ASTRAY]]


def _still_new(judgement: Judgement) -> dict[str, str]:
    """Only those that a sound row needs."""
    named = {str(row.draft.values["organisation"]) for row in judgement.rows if row.organisation_id is None}
    return {name: sector for name, sector in judgement.new_organisations.items() if name in named}


def _columns(source: Source, sheet: str, draft: Draft) -> list[dict[str, Any]]:
    table = source.table(sheet)
    return [
        {
            "letter": m.column.letter,
            "label": m.column.label,
            "unit": m.column.unit,
            "target": m.target,
            "suggestion": m.suggestion,
            "samples": [
                written(row.cells[m.column.index])
                for row in table.rows[:PREVIEW_ROWS]
                if m.column.index < len(row.cells) and row.cells[m.column.index] not in (None, "")
            ],
        }
        for m in draft.matches[sheet]
    ]


def _in_short(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """The most frequent faults, each with how often, where first, and its first sentence."""
    count = Counter((p.code, p.sheet, p.column) for p in problems)
    first = {(p.code, p.sheet, p.column): p for p in reversed(problems)}
    return [
        {
            "count": n,
            "sheet": key[1],
            "column": key[2],
            "row": first[key].row,
            "en": first[key].detail.en,
            "zh": first[key].detail.zh,
        }
        for key, n in count.most_common(SHORT_LIST)
    ]


def _warnings(draft: Draft, judgement: Judgement) -> list[Note]:
    count = len(draft.problems) + len(judgement.problems)
    cut = [note("problems_cut", count=count, shown=PROBLEM_LIMIT)] if count > PROBLEM_LIMIT else []
    return [*cut, *draft.warnings][:WARNING_LIMIT]


def _note(warning: Note) -> dict[str, Any]:
    return {"en": warning.text.en, "zh": warning.text.zh, "sheet": warning.sheet, "row": warning.row, "column": warning.column}


def give_up(work: UnitOfWork, ref: str) -> None:
    """Stop a check before its end: nothing of it stays, and it can be asked for again."""
    batch = load(work, ref, "import.check", None)
    clear_staging(work, batch.id)
    batch.status = LIFE.move(LIFE.move(batch.status, "check"), "fail")
    batch.findings, batch.problem_count, batch.read_rows, batch.sound_rows = {}, 0, 0, 0
    batch.version, batch.updated_at = batch.version + 1, work.now
    announce(work, batch, "import.failed", {"reason": "stopped"})
