"""The API's shapes of imports."""

from __future__ import annotations

import json
from typing import Any

from flask import url_for
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

from app.assets import PROVENANCES
from app.catalogue.kinds import KINDS
from app.exchange.columns import column_set
from app.exchange.decisions import Decisions
from app.exchange.fixing import MOST as MOST_FIXES
from app.exchange.fixing import Fix
from app.exchange.queries import ImportView
from app.exchange.rules import ALL_ROWS, STATUSES, VALID_ROWS
from app.exchange.targets import Subject, Target
from app.kernel.errors import fail
from app.web.i18n import current_locale
from app.web.inputs import code_field, currency_field, id_field, text_field
from app.web.query import Paged
from app.web.shapes import (
    ANYTHING,
    FLAG,
    HASH,
    LINK,
    MOMENT,
    PARTY,
    REF,
    TEXT,
    WHOLE,
    by_name,
    choice,
    many,
    maybe,
    named,
    record,
)

MOST_WORDS, MOST_TEXT, MOST_ROW = 1000, 2000, 10_000_000
SUBJECTS = tuple(subject.value for subject in Subject)


class WordsField(fields.Field[Any]):
    """An object of words, also as JSON text (a form of several parts has only text). `levels`: objects inside each other;
    `nothing`: null is a word, too."""

    def __init__(self, levels: int = 1, *, nothing: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.levels, self.nothing = levels, nothing

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise ValidationError("This is not JSON.") from None
        self._check(found, self.levels)
        return found

    def _check(self, found: Any, levels: int) -> None:
        if not isinstance(found, dict) or len(found) > MOST_WORDS:
            raise ValidationError(f"Give an object of at most {MOST_WORDS} names.")
        for name, word in found.items():
            if levels > 1:
                self._check(word, levels - 1)
            elif not (isinstance(word, str) and len(word) <= MOST_TEXT) and not (word is None and self.nothing):
                raise ValidationError({name: ["Give text."]})
            if len(name) > MOST_TEXT:
                raise ValidationError(f"A name has at most {MOST_TEXT} characters.")


class RowsField(WordsField):
    """An object of row numbers, also as JSON text."""

    def _check(self, found: Any, levels: int) -> None:
        if not isinstance(found, dict) or len(found) > MOST_WORDS:
            raise ValidationError(f"Give an object of at most {MOST_WORDS} names.")
        for name, row in found.items():
            if isinstance(row, bool) or not isinstance(row, int) or not 1 <= row <= MOST_ROW:
                raise ValidationError({name: ["Give the number of a row."]})
            if len(name) > MOST_TEXT:
                raise ValidationError(f"A name has at most {MOST_TEXT} characters.")


class FixIn(Schema):
    """A cell to be read otherwise than the file has it."""

    class Meta:
        unknown = RAISE

    sheet = text_field(255, required=True)
    row = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_ROW))
    column = text_field(255, 1, required=True, metadata={"description": "its letter; the field's name in a vector file"})
    value = text_field(MOST_TEXT, required=True)


class DecisionsIn(Schema):
    """What a person decides about an import; what is left out stays."""

    class Meta:
        unknown = RAISE

    kind = code_field(allow_none=True, metadata={"description": "kind of rows that name none"})
    organisation = text_field(200, allow_none=True, metadata={"description": "id or name: whose the rows are that name nobody"})
    crs = text_field(
        4000, allow_none=True, metadata={"description": "EPSG code, GCJ-02, BD-09 or WKT; before what the file states"}
    )
    encoding = code_field(allow_none=True)
    currency = currency_field(allow_none=True)
    sheets = fields.List(text_field(255), validate=validate.Length(max=200))
    header_rows = RowsField(
        metadata={
            "type": "object",
            "description": "sheet (a CSV's is its file name; empty: every sheet) → the row of its header, from 1, if not as found",
        }
    )
    columns = WordsField(
        nothing=True, metadata={"type": "object", "description": "header → column of ours, null to leave it out"}
    )
    values = WordsField(2, metadata={"type": "object", "description": 'column → word → what it means: {"end": {"长期": "20y"}}'})
    defaults = WordsField(metadata={"type": "object", "description": "column → stated default; every row that it fills says so"})
    fixes = fields.List(
        fields.Nested(FixIn), validate=validate.Length(max=MOST_FIXES), metadata={"description": "cells that are corrected"}
    )
    opens = fields.Boolean(metadata={"description": "publish the listings, submit the needs"})
    new_organisations = fields.Boolean()


class ImportIn(DecisionsIn):
    """The parts of the form beside the file."""

    subject = fields.String(required=True, validate=validate.OneOf(SUBJECTS))
    provenance = fields.String(load_default="declared", validate=validate.OneOf(tuple(PROVENANCES)))
    needs_list = id_field(load_default=None, allow_none=True, metadata={"description": "id of the list, for needs"})
    check = fields.Boolean(load_default=True, metadata={"description": "begin the check at once"})


class FileIn(Schema):
    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class ProblemsQuery(Paged):
    """One kind of fault, one sheet, one column."""

    code = code_field()
    sheet = text_field(255)
    column = text_field(255)


class CommitIn(Schema):
    rows = fields.String(load_default=ALL_ROWS, validate=validate.OneOf((ALL_ROWS, VALID_ROWS)))


class ColumnsQuery(Schema):
    subject = fields.String(required=True, validate=validate.OneOf(SUBJECTS))
    kind = fields.List(
        fields.String(validate=[validate.Length(max=80), lambda name: name in KINDS]), validate=validate.Length(max=50)
    )


OWN = ("subject", "provenance", "needs_list", "check")


def decisions_from(body: dict[str, Any]) -> Decisions:
    return Decisions.from_json({name: value for name, value in body.items() if name not in OWN})


def changes_from(body: dict[str, Any]) -> dict[str, Any]:
    sheets = {"sheets": tuple(body["sheets"])} if "sheets" in body else {}
    fixes = {"fixes": tuple(Fix.from_json(fix) for fix in body["fixes"])} if "fixes" in body else {}
    return {**body, **sheets, **fixes}


def uploaded(files: dict[str, Any]) -> FileStorage:
    found = files["file"]
    if not isinstance(found, FileStorage):
        raise ValidationError({"file": ["Send a file."]})
    return found


COLUMN = record(letter=TEXT, label=TEXT, unit=maybe(TEXT), target=maybe(TEXT), suggestion=maybe(TEXT), samples=many(TEXT))
DECISIONS = record(
    kind=maybe(TEXT),
    organisation=maybe(TEXT),
    crs=maybe(TEXT),
    encoding=maybe(TEXT),
    currency=maybe(TEXT),
    sheets=many(TEXT),
    header_rows=by_name(WHOLE),
    columns=by_name(maybe(TEXT)),
    values=by_name(by_name(TEXT)),
    defaults=by_name(TEXT),
    opens=FLAG,
    new_organisations=FLAG,
    carried=many(TEXT),
    fixes=many(record(sheet=TEXT, row=WHOLE, column=TEXT, value=TEXT)),
)
IMPORT = named(
    "Import",
    record(
        id=REF,
        subject=choice(*SUBJECTS),
        status=choice(*STATUSES),
        file=TEXT,
        size_bytes=WHOLE,
        sha256=HASH,
        provenance=choice(*PROVENANCES),
        version=WHOLE,
        created_at=MOMENT,
        committed_at=maybe(MOMENT),
        undone_at=maybe(MOMENT),
        rows=record(read=WHOLE, sound=WHOLE, imported=WHOLE),
        problems=WHOLE,
        organisation=maybe(PARTY),
        needs_list=maybe(REF),
        decisions=DECISIONS,
        format=maybe(TEXT),
        encoding=maybe(TEXT),
        crs=by_name(TEXT),
        header_rows=by_name(WHOLE),
        columns=by_name(many(COLUMN)),
        assumed=by_name(WHOLE),
        kinds=by_name(WHOLE),
        new_organisations=by_name(TEXT),
        encodings=many(record(encoding=TEXT, preview=many(TEXT))),
        notes=many(record(detail=TEXT, sheet=maybe(TEXT), row=maybe(WHOLE), column=maybe(TEXT))),
        running=FLAG,
        progress=maybe(WHOLE),
        seconds_left=maybe(WHOLE),
        links=record(problems=LINK, report=LINK),
    ),
)
PROBLEM_ROW = named(
    "ImportProblem", record({"sheet": TEXT, "row": WHOLE, "column": TEXT, "cells": by_name(TEXT)}, code=TEXT, detail=TEXT)
)
COUNTED = named("CountedRows", record(id=REF, rows=WHOLE))
COLUMNS = named(
    "ImportColumns",
    record(
        results=many(
            record(
                name=TEXT,
                label=TEXT,
                unit=maybe(TEXT),
                type=TEXT,
                kinds=many(TEXT),
                headers=many(TEXT),
                default=ANYTHING,
                choices=many(TEXT),
            )
        )
    ),
)


def import_json(view: ImportView) -> dict[str, Any]:
    findings = view.findings
    return {
        "id": view.ref,
        "subject": view.subject.value,
        "status": view.status,
        "file": view.filename,
        "size_bytes": view.size_bytes,
        "sha256": view.sha256,
        "provenance": view.provenance,
        "version": view.version,
        "created_at": view.created_at.isoformat(),
        "committed_at": view.committed_at.isoformat() if view.committed_at else None,
        "undone_at": view.undone_at.isoformat() if view.undone_at else None,
        "rows": {"read": view.read_rows, "sound": view.sound_rows, "imported": view.made_rows},
        "problems": view.problem_count,
        "organisation": {"id": view.organisation.ref, "name": view.organisation.name} if view.organisation else None,
        "needs_list": view.needs_list_ref,
        "decisions": view.decisions.to_json(),
        "format": findings.get("format"),
        "encoding": findings.get("encoding"),
        "crs": findings.get("crs", {}),
        "header_rows": {sheet: found["row"] for sheet, found in findings.get("header_rows", {}).items()},
        "columns": findings.get("columns", {}),
        "assumed": findings.get("assumed", {}),
        "kinds": findings.get("kinds", {}),
        "new_organisations": findings.get("new_organisations", {}),
        "encodings": findings.get("encodings", []),
        "notes": [_note(note) for note in findings.get("warnings", ())],
        "running": view.is_running,
        "seconds_left": view.left_s,
        "progress": view.job.progress if view.job and view.is_running else None,
        "links": {
            "problems": url_for("imports_api.problems", ref=view.ref),
            "report": url_for("imports_api.report", ref=view.ref),
        },
    }


def _note(note: dict[str, Any]) -> dict[str, Any]:
    chinese = current_locale().startswith("zh")
    return {"detail": note["zh" if chinese else "en"], "sheet": note["sheet"], "row": note["row"], "column": note["column"]}


def columns_json(subject: str, kinds: list[str] | None) -> list[dict[str, Any]]:
    for name in kinds or ():
        if name not in KINDS:
            raise fail("unknown_kind", kind=name)
    chosen = [KINDS[name] for name in kinds] if kinds else KINDS.all()
    return [_column(target) for target in column_set(Subject(subject), chosen).targets.values()]


def _column(target: Target) -> dict[str, Any]:
    return {
        "name": target.name,
        "label": target.label.in_(current_locale()),
        "unit": target.field.unit,
        "type": target.field.type,
        "kinds": sorted(target.by_kind),
        "headers": list(target.aliases),
        "default": target.field.default,
        "choices": [choice.value for choice in target.field.choices],
    }
