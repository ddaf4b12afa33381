"""`dry_run`: a whole file against the columns it should fill. Every problem at once; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.catalogue.declaration import AssetKind
from app.exchange.columns import ColumnSet, column_set
from app.exchange.crs import SourceCrs, UnknownCrs, parse_crs, stated_crs
from app.exchange.drafts import Draft, RowDraft
from app.exchange.finishing import Finisher
from app.exchange.mapping import Mapping, mapping_problems, match_columns, unknown_headers
from app.exchange.places import Placer
from app.exchange.problems import note, problem
from app.exchange.reading.model import GEOMETRY, Source, Table
from app.exchange.rows import RowReader, RowState
from app.exchange.targets import Subject
from app.kernel.errors import Problem
from app.kernel.text import Text

CHUNK = 2000
RECOGNISED = 2  # columns that make a sheet one to import
_TERM_RULE = re.compile(r"[填写为]?[“\"「『']?([^“”\"「」『』'，。；;,：:\s]{1,8}?)[”\"」』']?\s*按\s*(\d{1,3})\s*年")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """What a person decided. `kind`: of rows that name none. `organisation`: of rows that name none. `sheets`: None for all that
    fit."""

    subject: Subject
    kinds: tuple[AssetKind, ...]
    today: date
    kind: str | None = None
    organisation: str | None = None
    crs: str | None = None
    currency: str = "CNY"
    mapping: Mapping = field(default_factory=Mapping)
    sheets: frozenset[str] | None = None
    mapped: tuple[str, ...] = ()  # headers that the person named for this file: each must be in it


def dry_run(source: Source, plan: Plan, progress: Progress = lambda done, total: None) -> Draft:
    """The sound rows as drafts, and every problem of the file by sheet, row and column."""
    columns = column_set(plan.subject, plan.kinds)
    mapping = with_stated_meanings(source, plan.mapping)
    draft = Draft(plan.subject, mapping=mapping, warnings=[*source.notes])
    draft.problems.extend(unknown_headers(source.tables, plan.mapped))
    total = sum(len(table.rows) for table in source.tables)
    done = 0
    for table in _chosen(source.tables, plan.sheets):
        draft.warnings.extend(table.notes)
        draft.problems.extend(table.problems)
        draft.read += len({row.number for row in table.rows} | {p.row for p in table.problems if p.row})
        run = _TableRun(source, table, plan, columns, mapping, draft)
        done = run.run(lambda n, base=done: progress(base + n, total), done)  # type: ignore[misc]
    if not draft.matches and draft.unrecognised:  # nothing else to show: let the person say what the columns are
        draft.matches |= draft.unrecognised
        if not draft.problems:
            draft.problems.extend(_unrecognised(table) for table in source.tables if table.name in draft.unrecognised)
    if not draft.matches and not draft.problems:
        draft.problems.append(problem("sheet_not_recognised", sheet=source.tables[0].name if source.tables else None))
    order = {m.column.letter: m.column.index for matches in draft.matches.values() for m in matches}
    draft.problems.sort(key=lambda p: (p.sheet or "", p.row or 0, order.get(p.column or "", -1)))
    return draft


def _unrecognised(table: Table) -> Problem:
    if not table.header_row:
        return problem("sheet_not_recognised", sheet=table.name)
    return problem("nothing_recognised", sheet=table.name, row=table.header_row, header=table.header_row)


def with_stated_meanings(source: Source, mapping: Mapping) -> Mapping:
    """The mapping, with what the file's own words say about its values: 使用期限填“长期”按20年计."""
    values = {name: dict(words) for name, words in mapping.values.items()}
    for remark in source.remarks:
        for word, years in _TERM_RULE.findall(remark.text):
            values.setdefault("end", {}).setdefault(word, f"{years}y")
            source.notes.append(
                note(
                    "value_replaced",
                    sheet=remark.sheet,
                    row=remark.row,
                    value=word,
                    place=Text(remark.sheet, remark.sheet),
                    meaning=Text(f"{years} years", f"{years} 年"),
                )
            )
    return Mapping(mapping.columns, values, mapping.defaults, mapping.crs, mapping.kind)


def _chosen(tables: Sequence[Table], sheets: frozenset[str] | None) -> Iterable[Table]:
    return (table for table in tables if sheets is None or table.name in sheets)


@dataclass
class _TableRun:
    """The dry run of one table."""

    source: Source
    table: Table
    plan: Plan
    columns: ColumnSet
    mapping: Mapping
    draft: Draft

    def run(self, progress: Callable[[int], None], done: int) -> int:
        matches = match_columns(self.table, self.columns, self.mapping, self.kind)
        reader = RowReader(self.table, self.columns, matches, self.mapping, self.kind, self.plan.currency)
        if not self._is_recognised(reader):
            if self.table.columns:
                self.draft.unrecognised[self.table.name] = matches
            return done
        self.draft.matches[self.table.name] = matches
        self.draft.problems.extend(mapping_problems(self.table, self.columns, self.mapping))
        crs = self._crs()
        self.draft.problems.extend([*reader.problems, *self._absent(reader)])
        if not self.table.rows and not self.table.problems:
            self.draft.problems.append(problem("no_rows", sheet=self.table.name, row=self.table.header_row or None))
        if crs is not None:
            self._rows(reader, crs, progress)
        self.draft.warnings.extend(reader.warnings.values())
        return done + len(self.table.rows)

    @property
    def kind(self) -> str | None:
        """The kind of rows that name none: given, remembered, or the only one there is."""
        only = self.plan.kinds[0].name if len(self.plan.kinds) == 1 else None
        return self.plan.kind or self.mapping.kind or self.mapping.defaults.get("kind") or only

    def _is_recognised(self, reader: RowReader) -> bool:
        enough = len(reader.columns_of) >= RECOGNISED or self.table.has_geometry
        if not enough and self.table.columns:
            if len(self.source.tables) == 1:
                self.draft.problems.append(_unrecognised(self.table))
            else:
                row = self.table.header_row or None
                self.draft.warnings.append(note("sheet_not_recognised", sheet=self.table.name, row=row))
        return enough

    def _crs(self) -> SourceCrs | None:
        """As declared, else as the file states; never a guess."""
        name = self.table.name
        declared = self.plan.crs or self.mapping.crs
        stated = stated_crs(self.source.remarks, name)
        text = declared or self.table.crs or (stated[0].code if stated else None)
        if text is None:
            self.draft.problems.append(
                problem(
                    "no_crs", sheet=name, row=self.table.header_row or None, column=GEOMETRY if self.table.has_geometry else None
                )
            )
            return None
        try:
            crs = parse_crs(text)
        except UnknownCrs as unknown:
            self.draft.problems.append(Problem("unknown_crs", unknown.text, sheet=name))
            return None
        self._tell_crs(crs, declared, stated[0].code if stated else None)
        self.draft.crs[name] = crs.code
        return crs

    def _tell_crs(self, crs: SourceCrs, declared: str | None, in_title: str | None) -> None:
        own = self.table.crs or in_title
        if declared is None and in_title is not None and self.table.crs is None:
            self.draft.warnings.append(note("crs_in_title", sheet=self.table.name, crs=in_title))
        elif declared is not None and own is not None and own != crs.code and _code_of(own) != crs.code:
            self.draft.warnings.append(note("crs_overruled", sheet=self.table.name, stated=own[:40], declared=crs.code))

    def _absent(self, reader: RowReader) -> Iterable[Problem]:
        """Columns that must be there, or have a default, one problem each and not one per row."""
        needed = [] if self.table.has_geometry or "geometry" in reader.columns_of else ["lon", "lat"]
        needed += ["start", "end"] if self.plan.subject is Subject.NEEDS else []
        needed += ["organisation"] if self.plan.organisation is None else []
        needed += ["kind"] if self.kind is None else []
        for name in needed:
            if name not in reader.columns_of and name not in self.mapping.defaults:
                yield problem(
                    "column_missing", sheet=self.table.name, row=self.table.header_row or None, field=self.columns[name].label
                )
        yield from self._absent_of_kind(reader)

    def _absent_of_kind(self, reader: RowReader) -> Iterable[Problem]:
        """What the file's one kind requires, and has no declared default for."""
        kind = next((k for k in self.plan.kinds if k.name == self.kind), None)
        if kind is None or "kind" in reader.columns_of:
            return
        place: dict[str, Any] = {"sheet": self.table.name, "row": self.table.header_row or None}
        known = {*reader.columns_of, *self.mapping.defaults}
        opens = any(name in known for d in kind.dimensions for name in (d.name, f"{d.name}_total"))
        if self.plan.subject is Subject.LISTINGS and not opens:
            words = Text(", ".join(d.label.en for d in kind.dimensions), "、".join(d.label.zh for d in kind.dimensions))
            yield problem("no_capacity", known=words, **place)
        declared = kind.attributes if self.plan.subject is Subject.LISTINGS else kind.requirements
        for made in declared:
            if made.required and made.default is None and made.name not in known:
                yield problem("column_missing", field=made.label, **place)

    def _rows(self, reader: RowReader, crs: SourceCrs, progress: Callable[[int], None]) -> None:
        states: list[RowState] = []
        unread = _unread(self.table, reader)
        for n, row in enumerate(self.table.rows, 1):
            states.append(reader.read(row))
            if row.number in unread:
                states[-1].failed |= unread[row.number]
                states[-1].incomplete = True
            if n % CHUNK == 0:
                progress(n)
        if self.table.has_geometry or {"lon", "lat"} <= self._known(reader) or "geometry" in reader.columns_of:
            Placer(self.table, reader, self.plan.subject, crs).place(states)
        finisher = Finisher(reader, self.plan.subject, crs.code, self.plan.today, self.plan.organisation)
        seen: dict[tuple[str, str, str], int] = {}
        for state in states:
            made = finisher.finish(state)
            if made is not None and self._is_first(made, state, reader, seen):
                self.draft.rows.append(made)
            elif state.geometry is not None:
                self.draft.unsound.append((self.table.name, state.row.number, state.geometry))
            self.draft.problems.extend(state.problems)
        progress(len(states))

    def _known(self, reader: RowReader) -> set[str]:
        return {*reader.columns_of, *self.mapping.defaults}

    def _is_first(self, made: RowDraft, state: RowState, reader: RowReader, seen: dict[tuple[str, str, str], int]) -> bool:
        """An owner's number names one asset of a kind; a second row with it is a fault. Needs may repeat theirs."""
        reference = made.values.get("owner_ref")
        if self.plan.subject is Subject.NEEDS or not reference:
            return True
        first = seen.setdefault((str(made.values.get("organisation")), made.kind, reference), made.row)
        if first != made.row:
            reader.fault(state, "duplicate_reference", "reference", value=reference, first=first)
        return first == made.row


def _unread(table: Table, reader: RowReader) -> dict[int, set[str]]:
    """Row → what its cells would fill that could not be read (the table has said why): not to be called missing, and the row
    is not sound without them."""
    targets = {column.letter: target for target, column in reader.columns_of.items()}
    found: dict[int, set[str]] = {}
    for said in table.problems:
        if said.row is not None and said.column in targets:
            found.setdefault(said.row, set()).add(targets[said.column])
    return found


def _code_of(text: str) -> str | None:
    try:
        return parse_crs(text).code
    except UnknownCrs:
        return None
