"""One row of a table to values: every cell by its column's parser, every fault with its place, nothing thrown away silently."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.catalogue.declaration import AssetKind, Field
from app.catalogue.sectors import SECTORS, find_sector
from app.exchange.columns import ColumnSet
from app.exchange.mapping import Mapping, Match
from app.exchange.money import money_parser
from app.exchange.problems import note, problem
from app.exchange.reading.labels import normalise
from app.exchange.reading.model import Cell, Column, Note, Row, Table
from app.exchange.targets import Part, Reading, Target
from app.exchange.values import Bad, folded, is_empty, parser_for, read_angle, read_date, read_line, read_text, shown
from app.kernel.errors import Problem
from app.kernel.text import Text

Parse = Callable[[Cell], Any]
_TERM = re.compile(r"(\d{1,3})\s*(y|a|年|years?)$", re.IGNORECASE)
LONG_TEXT = {"note": 4000, "terms": 4000, "alternative": 2000}
SHORT_TEXT = {"address": 300, "reference": 120, "currency": 3, "region": 12}
DEFAULT_TEXT = 200


@dataclass(frozen=True, slots=True)
class Years:
    """An end stated as a length from the start: "长期" is 20 years."""

    count: int


@dataclass
class RowState:
    """A row on its way: values by target name, and what its kind declares, by part."""

    row: Row
    sheet: str
    kind: AssetKind | None = None
    values: dict[str, Any] = field(default_factory=dict)
    parts: defaultdict[Part, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    assumed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    incomplete: bool = False  # for a reason that the table has said once
    failed: set[str] = field(default_factory=set)  # targets whose cell could not be read: not to be called missing, too
    geometry: Any = None


class RowReader:
    """Built once per table. `columns_of[target]` is the file's column that fills it."""

    def __init__(
        self, table: Table, columns: ColumnSet, matches: list[Match], mapping: Mapping, default_kind: str | None, currency: str
    ) -> None:
        self.table, self.columns, self.mapping, self.currency = table, columns, mapping, currency
        self.columns_of: dict[str, Column] = {m.target: m.column for m in matches if m.target}
        self.problems: list[Problem] = []
        self.warnings: dict[tuple[str, str], Note] = {}
        self.default_kind = columns.kinds.get(default_kind) if default_kind else None
        self._kind_words = {
            normalise(w): k for k in columns.kinds.values() for w in (k.name, k.label.en, k.label.zh, k.plural.en, *k.aliases)
        }
        self._general = [
            (column, target, self._parser(target, target.field, column.unit, column))
            for target, column in self._mapped()
            if target.is_general and target.reading is not Reading.KIND
        ]
        self._by_kind = {kind: self._kind_plan(kind) for kind in columns.kinds}
        self.defaults = self._defaults()

    def _mapped(self) -> list[tuple[Target, Column]]:
        return [(self.columns[name], column) for name, column in self.columns_of.items()]

    def _kind_plan(self, kind: str) -> list[tuple[Column, Target, Part | None, Parse]]:
        plan: list[tuple[Column, Target, Part | None, Parse]] = []
        for target, column in self._mapped():
            if target.is_general:
                continue
            part, declared = target.by_kind.get(kind, (None, target.field))
            parse = (
                self._parser(target, declared, column.unit, column) if part else (lambda cell: None if is_empty(cell) else cell)
            )
            plan.append((column, target, part, parse))
        return plan

    def _parser(self, target: Target, declared: Field, unit: str | None, column: Column | None) -> Parse:
        """The parser of a column; a unit in the header that does not fit is one problem of the table."""
        try:
            parse = self._plain_parser(target, declared, unit)
        except Bad:
            place = column.letter if column else None
            self.problems.append(
                problem(
                    "column_unit",
                    sheet=self.table.name,
                    row=self.table.header_row or None,
                    column=place,
                    given=unit,
                    field=target.label,
                    unit=declared.unit or "—",
                )
            )
            parse = self._plain_parser(target, declared, None)
        words = {normalise(word): meaning for word, meaning in self.mapping.values.get(target.name, {}).items()}
        return _with_meanings(parse, words) if words else parse

    def _plain_parser(self, target: Target, declared: Field, unit: str | None) -> Parse:
        label = target.label
        match target.reading:
            case Reading.ANGLE:
                return lambda cell: read_angle(cell, label)
            case Reading.MONEY:
                return money_parser(label, unit, self.currency)
            case Reading.SECTOR:
                return lambda cell: _sector(cell, label)
            case Reading.LAST_DAY:
                return lambda cell: cell if isinstance(cell, Years) else read_date(cell, label, last_of_month=True)
            case Reading.GEOMETRY:
                return lambda cell: cell if isinstance(cell, str) and cell.strip() else None
        if declared.type == "text":
            long, short = LONG_TEXT.get(target.name), SHORT_TEXT.get(target.name, DEFAULT_TEXT)
            return (lambda cell: read_text(cell, label, long)) if long else (lambda cell: read_line(cell, label, short))
        parse = parser_for(declared, unit)
        if declared.type == "date" and not target.is_general:  # declared values are kept as JSON
            return lambda cell: None if (day := parse(cell)) is None else str(day)
        return parse

    def _defaults(self) -> dict[str, Any]:
        """Stated defaults, parsed; those of a kind's fields are parsed again for the kind in `fill`."""
        parsed: dict[str, Any] = {}
        for name, text in self.mapping.defaults.items():
            if name not in self.columns:
                self.problems.append(
                    problem(
                        "unknown_target", sheet=self.table.name, column=name, value=name, known=", ".join(self.columns.targets)
                    )
                )
                continue
            target = self.columns[name]
            try:
                parsed[name] = text if target.reading is Reading.KIND else self._parser(target, target.field, None, None)(text)
            except Bad as bad:
                why = problem(bad.code, **bad.values).detail
                self.problems.append(problem("bad_default", sheet=self.table.name, column=name, field=target.label, why=why))
        return parsed

    def read(self, row: Row) -> RowState:
        state = RowState(row, self.table.name)
        self._read_kind(state)
        for column, target, parse in self._general:
            value = self._cell(state, column, target, parse)
            if value is not None:
                state.values[target.name] = value
        if state.kind is not None:
            self._read_declared(state, state.kind)
        return state

    def _cell(self, state: RowState, column: Column, target: Target, parse: Parse) -> Any:
        cells = state.row.cells
        cell = cells[column.index] if column.index < len(cells) else None
        try:
            return parse(cell)
        except Bad as bad:
            self.fault(state, bad.code, target.name, **bad.values)
            return None

    def _read_declared(self, state: RowState, kind: AssetKind) -> None:
        for column, target, part, parse in self._by_kind[kind.name]:
            value = self._cell(state, column, target, parse)
            if value is None:
                continue
            if part is not None:
                state.parts[part][target.name.removesuffix("_total") if part is Part.TOTAL else target.name] = value
            elif (column.letter, kind.name) not in self.warnings:
                self.warnings[column.letter, kind.name] = note(
                    "extra_value",
                    sheet=state.sheet,
                    row=state.row.number,
                    column=column.letter,
                    kind=kind.label,
                    field=target.label,
                )

    def _read_kind(self, state: RowState) -> None:
        column = self.columns_of.get("kind")
        cell = state.row.cells[column.index] if column and column.index < len(state.row.cells) else None
        text = folded(str(cell)) if cell is not None else ""
        meaning = self.mapping.values.get("kind", {}).get(text, text)
        if meaning:
            state.kind = self._kind_words.get(normalise(meaning))
            if state.kind is None:
                known = Text(
                    ", ".join(k.label.en for k in self.columns.kinds.values()),
                    "、".join(k.label.zh for k in self.columns.kinds.values()),
                )
                self.fault(state, "unknown_kind", "kind", value=shown(cell), known=known)
            return
        state.kind = self.default_kind
        if state.kind is None and column is not None:
            self.fault(state, "missing", "kind", field=self.columns["kind"].label)

    def letter(self, target: str) -> str | None:
        column = self.columns_of.get(target)
        return column.letter if column else None

    def fault(self, state: RowState, code: str, target: str | None, *, at: str | None = None, **values: Any) -> None:
        """One thing wrong with the row, at the column that fills `target`, or at the place `at`."""
        column = at or (self.letter(target) if target else None)
        state.problems.append(problem(code, sheet=state.sheet, row=state.row.number, column=column, **values))
        if target:
            state.failed.add(target)

    def default(self, state: RowState, target: str) -> Any:
        """The value of `target`, or its stated default, marked as assumed; None when there is neither."""
        if target in state.values or target in state.failed:
            return state.values.get(target)
        if target in self.defaults:
            state.values[target] = self.defaults[target]
            state.assumed.append(target)
        return state.values.get(target)


def _with_meanings(parse: Parse, words: dict[str, str]) -> Parse:
    """A parser that first replaces the words whose meaning is stated."""

    def read(cell: Cell) -> Any:
        meaning = words.get(normalise(cell)) if isinstance(cell, str) and cell else None
        if meaning is None:
            return parse(cell)
        term = _TERM.fullmatch(meaning.strip())
        return Years(int(term.group(1))) if term else parse(meaning)

    return read


def _sector(cell: Cell, label: Text) -> str | None:
    if is_empty(cell):
        return None
    found = find_sector(folded(str(cell)))
    if found is None:
        known = Text(", ".join(s.label.en for s in SECTORS.values()), "、".join(s.label.zh for s in SECTORS.values()))
        raise Bad("not_choice", field=label, value=shown(cell), known=known)
    return found
