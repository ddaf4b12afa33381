"""Which column of a file fills which column of ours: proposed from the header words, corrected by a person, remembered as
JSON."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Readable
from dataclasses import dataclass, field
from typing import Any

from app.exchange.columns import ColumnSet
from app.exchange.problems import problem
from app.exchange.reading.labels import normalise
from app.exchange.reading.model import Column, Table
from app.exchange.targets import Target
from app.kernel.errors import Problem

EXACT, LEAF, CUT, PART = 1.0, 0.9, 0.8, 0.5
ACCEPTED = 0.75  # below it a proposal is only shown
SHORTEST_PART = 2  # characters of an alias that may be found inside a longer label


@dataclass(frozen=True, slots=True)
class Match:
    """A column of the file, the target it fills (None: left out), how sure that is, and what would be second."""

    column: Column
    target: str | None
    confidence: float
    suggestion: str | None = None


@dataclass
class Mapping:
    """What a person settled for a sort of file, by normalised header, for use with the next file too. `values`: target → word →
    what it means (`{"end": {"长期": "20y"}}`). `columns`: header → target, None for a column to leave out."""

    columns: dict[str, str | None] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    crs: str | None = None
    kind: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "columns": self.columns,
            "values": self.values,
            "defaults": self.defaults,
            "crs": self.crs,
            "kind": self.kind,
        }

    @classmethod
    def from_json(cls, stored: Readable[str, Any]) -> Mapping:
        return cls(
            dict(stored.get("columns") or {}),
            {k: dict(v) for k, v in (stored.get("values") or {}).items()},
            dict(stored.get("defaults") or {}),
            stored.get("crs"),
            stored.get("kind"),
        )

    @staticmethod
    def key(label: str) -> str:
        return normalise(label)

    def set(self, header: str, target: str | None) -> None:
        self.columns[self.key(header)] = target


def match_columns(table: Table, columns: ColumnSet, mapping: Mapping, prefer: str | None = None) -> list[Match]:
    """A match for every column of the table. What the mapping says stands; of several columns that fit one target, the surest
    gets it.

    `prefer`: the one kind of the file, whose own words come before other kinds'."""
    found = [_match(column, columns, mapping, prefer) for column in table.columns]
    taken: dict[str, Match] = {}
    for match in sorted(found, key=lambda m: (-m.confidence, m.column.index)):
        if match.target is not None:
            taken.setdefault(match.target, match)
    return [m if m.target is None or taken[m.target] is m else Match(m.column, None, 0.0, m.target) for m in found]


def mapping_problems(table: Table, columns: ColumnSet, mapping: Mapping) -> list[Problem]:
    """Two columns that a person gave the same target, and targets that do not exist."""
    problems: list[Problem] = []
    given: dict[str, Column] = {}
    for column in table.columns:
        target = _stated(column, mapping)
        if target is None:
            continue
        if target not in columns:
            problems.append(
                problem(
                    "unknown_target",
                    sheet=table.name,
                    row=table.header_row or None,
                    column=column.letter,
                    value=target,
                    known=", ".join(columns.targets),
                )
            )
        elif target in given:
            problems.append(
                problem(
                    "mapped_twice",
                    sheet=table.name,
                    row=table.header_row or None,
                    column=column.letter,
                    field=columns[target].label,
                    first=given[target].label,
                    second=column.label,
                )
            )
        given.setdefault(target, column)
    return problems


def unknown_headers(tables: Iterable[Table], headers: Iterable[str]) -> list[Problem]:
    """Headers that a person mapped, and that no table has."""
    present = {
        normalise(name)
        for table in tables
        for column in table.columns
        for name in (column.label, column.parts[-1], column.letter)
    }
    return [problem("unknown_header", column=header, value=header) for header in headers if normalise(header) not in present]


def _stated(column: Column, mapping: Mapping) -> str | None:
    for name in (column.label, column.parts[-1], column.letter):
        key = Mapping.key(name)
        if key in mapping.columns:
            return mapping.columns[key]
    return None


def _match(column: Column, columns: ColumnSet, mapping: Mapping, prefer: str | None) -> Match:
    if any(Mapping.key(name) in mapping.columns for name in (column.label, column.parts[-1], column.letter)):
        target = _stated(column, mapping)
        return Match(column, target if target in columns else None, EXACT + 1)
    best, best_score = None, 0.0
    for candidate in columns.targets.values():
        score = _score(column, candidate, prefer)
        if score > best_score:
            best, best_score = candidate.name, score
    if best_score >= ACCEPTED:
        return Match(column, best, best_score)
    return Match(column, None, 0.0, best)


def _score(column: Column, target: Target, prefer: str | None) -> float:
    """How well the header fits: the whole path, its last line, a name cut by the format, a word within it."""
    words = _words(target, prefer)
    whole, leaf = normalise(column.label), normalise(column.parts[-1])
    own = 0.02 if prefer and prefer in target.by_kind else 0.0
    if whole in words:
        return EXACT + own
    if leaf in words and (len(column.parts) == 1 or not _belongs_to_an_end(column, words)):
        return LEAF + own
    if column.truncated and len(whole) >= 3 and any(word.startswith(whole) for word in words):
        return CUT + own
    inside = max((len(word) for word in words if len(word) >= SHORTEST_PART and word in whole), default=0)
    return PART * inside / len(whole) if whole else 0.0


def _belongs_to_an_end(column: Column, words: frozenset[str]) -> bool:
    """终点 over 经度 is the end's longitude: a group that names the other end keeps its columns from the start's."""
    group = normalise("".join(column.parts[:-1]))
    return any(mark in group for mark in ("终点", "b端", "end", "终止")) and not any(
        word.startswith(("终点", "end", "b端")) for word in words
    )


def _words(target: Target, prefer: str | None) -> frozenset[str]:
    if prefer is None or prefer not in target.by_kind:
        return target.words
    own = target.by_kind[prefer][1]
    return frozenset(filter(None, map(normalise, (own.name, own.label.en, own.label.zh, *own.aliases))))
