"""Which rows contain some words, anywhere in a text and whatever their case: one layer for two engines.

Texts are indexed by their pairs of neighbouring letters, so that two Chinese characters are enough: a GIN index on PostgreSQL, FTS5
on SQLite. What has all pairs of the words is looked at; what has none of them is not. Feature code imports `word_index`,
`containing` and `contains_words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import DDL, ColumnElement, Table, Text, and_, event, func, literal, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

FEW = 20_000  # rows beyond which a walk through the table finds a page of them as soon
FUNCTION = """CREATE OR REPLACE FUNCTION word_pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
 AS $$ SELECT coalesce(array_agg(DISTINCT substr(lower(words), n, 2)), '{}') FROM generate_series(1, length(words) - 1) AS n $$"""
WORD_INDEXES: dict[str, tuple[str, ...]] = {}  # table → columns


class folded(FunctionElement[str]):  # noqa: N801 - reads as the SQL function that it is
    """A text in small letters, those of every script: what SQLite's own function does for ASCII alone."""

    type = Text()
    inherit_cache = True
    name = "folded"


@compiles(folded)
def _folded(element: Any, compiler: Any, **kwargs: Any) -> str:
    name = "folded_words" if compiler.dialect.name == "sqlite" else "lower"
    return f"{name}({compiler.process(element.clauses, **kwargs)})"


def fold(words: str) -> str:
    """As PostgreSQL folds: each letter to one, wherever in a word it stands."""
    return words.lower() if words.isascii() else words.replace("İ", "i").replace("Σ", "σ").lower()


def contains_words(column: Any, words: str) -> ColumnElement[bool]:
    """True where the column contains `words`, whatever their case."""
    escaped = fold(words.strip()).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return folded(column).like(f"%{escaped}%", escape="\\")


def containing(session: Session, model: Any, words: str, names: Sequence[str]) -> ColumnElement[bool]:
    """True where one of the columns `names`, which are among those of the table's index, contains `words`, or where they are
    the row's reference."""
    ref = model.ref == words.strip().lower()
    exact = or_(*(contains_words(getattr(model, name), words) for name in names))
    wanted = pairs(words)
    if not wanted:
        return or_(exact, ref)
    table = model.__tablename__
    if session.get_bind().dialect.name == "postgresql":
        indexed: ColumnElement[Any] = literal_column(f"word_pairs({_joined(WORD_INDEXES[table], f'{table}.')})", ARRAY(Text))
        return or_(and_(indexed.contains(literal(wanted, ARRAY(Text))), exact), ref)
    ids = _few(session, table, wanted)
    if ids is None:
        return or_(exact, ref)
    ids += session.scalars(select(model.id).where(ref)).all()
    return and_(model.id.in_(select(func.json_each(orjson.dumps(ids).decode()).table_valued("value").c.value)), or_(exact, ref))


def _few(session: Session, table: str, wanted: Sequence[str]) -> list[int] | None:
    """The rows that have all those pairs; None where there are more than a few. FTS5 gives them one by one."""
    found = text(f"SELECT rowid FROM words_{table} WHERE words_{table} MATCH :wanted LIMIT {FEW + 1}")
    ids = list(session.scalars(found, {"wanted": " ".join(map(_code, wanted))}))
    return ids if len(ids) <= FEW else None


def pairs(words: str) -> list[str]:
    """The different pairs of neighbouring letters."""
    lower = fold(words.strip())
    return list(dict.fromkeys(a + b for a, b in pairwise(lower)))


def _code(pair: str) -> str:
    """A pair as one word of ASCII letters and digits, whatever the letters are."""
    return "g".join(f"{ord(letter):x}" for letter in pair)


def word_index(table: Table, *names: str) -> None:
    """Give the texts `names` of a table their index wherever it is created."""
    WORD_INDEXES[table.name] = names
    for dialect in ("postgresql", "sqlite"):
        for moment, statements in (("after_create", index_statements), ("before_drop", drop_statements)):
            for statement in statements(dialect, table.name, names):
                event.listen(table, moment, DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


def index_statements(dialect: str, table: str, names: Sequence[str]) -> list[str]:
    if dialect == "postgresql":
        return [FUNCTION, f"CREATE INDEX ix_{table}_words ON {table} USING gin (word_pairs({_joined(names)}))"]
    index = f"words_{table}"
    gone = f"INSERT INTO {index}({index}, rowid, pairs) VALUES ('delete', OLD.id, word_pairs({_joined(names, 'OLD.')}))"
    come = f"INSERT INTO {index}(rowid, pairs) VALUES (NEW.id, word_pairs({_joined(names, 'NEW.')}))"
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')",
        f"CREATE TRIGGER {index}_insert AFTER INSERT ON {table} BEGIN {come}; END",
        f"CREATE TRIGGER {index}_update AFTER UPDATE OF id, {', '.join(names)} ON {table} BEGIN {gone}; {come}; END",
        f"CREATE TRIGGER {index}_delete AFTER DELETE ON {table} BEGIN {gone}; END",
    ]


def drop_statements(dialect: str, table: str, names: Sequence[str]) -> list[str]:
    """Undo `index_statements`. The function stays as long as another table has an index."""
    if dialect == "postgresql":
        return [f"DROP INDEX IF EXISTS ix_{table}_words"]
    index = f"words_{table}"
    return [*(f"DROP TRIGGER IF EXISTS {index}_{verb}" for verb in ("insert", "update", "delete")), f"DROP TABLE {index}"]


def fill_statement(table: str, names: Sequence[str]) -> str:
    """Index the rows that are there already, on SQLite."""
    return f"INSERT INTO words_{table}(rowid, pairs) SELECT id, word_pairs({_joined(names)}) FROM {table}"


def _joined(names: Sequence[str], prefix: str = "") -> str:
    """One text of several columns, between which no words reach."""
    return " || chr(10) || ".join(f"coalesce({prefix}{name}, '')" for name in names) if len(names) > 1 else f"{prefix}{names[0]}"


def register_functions(connection: Any) -> None:
    """The functions that the triggers of SQLite and its searches call."""

    def word_pairs(words: str | None) -> str:
        return "" if words is None else " ".join(map(_code, pairs(words)))

    def folded_words(words: str | None) -> str | None:
        return None if words is None else fold(words)

    connection.create_function("folded_words", 1, folded_words, deterministic=True)
    connection.create_function("word_pairs", 1, word_pairs, deterministic=True)
    connection.create_function("chr", 1, chr, deterministic=True)
