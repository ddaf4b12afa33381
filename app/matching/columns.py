"""Whole columns of a statement at once, as arrays: no row of a large answer passes through Python on PostgreSQL.

PostgreSQL puts the numbers of every row into one record, gathers records, places and letters each into one string of bytes, and
sends them by binary COPY in one row: what lies there is read where it lies. SQLite's rows are turned over in chunks.
Where it is known that the rows are few, both gather each column and answer in one row of a statement that they have planned before.
Owns the way out of the database, and the few expressions that the two engines word differently. Knows no table.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    LargeBinary,
    Select,
    String,
    case,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from app.db.base import Base

Sort = Literal["int", "float", "text", "wkb", "letters"]
Column = NDArray[Any]
CHUNK = 20_000  # rows of SQLite at a time
PIECE = 4096  # pages of PostgreSQL at a time
COPY_HEADER = 11 + 4 + 4 + 2  # signature, flags, extension; then the number of fields of the one row
ARRAY_HEADER = 5 * 4  # dimensions, has nulls, element type, length, lower bound
POINT = 21  # bytes of a point as well-known binary
NOTHING: ColumnElement[Any] = literal_column("''::bytea")
COMMA: ColumnElement[Any] = literal_column("','")
DAY_ONE = 1_721_425  # what the Julian day number is ahead of the count of days from 0001-01-01
NUMBERS: dict[str, tuple[Any, str]] = {"int": (np.int64, ">i8"), "float": (np.float64, ">f8")}
BYTES = ("wkb", "letters")


def read_columns(
    session: Session, statement: Select[*tuple[Any, ...]], sorts: Sequence[Sort], whole: type[Base] | None = None
) -> list[Column]:
    """The columns of a statement, all in one order of its rows: whichever the database finds. `wkb` (see `as_wkb`) and `letters`
    (no comma among them) come as an array of one width (dtype V) where all are as long, else of objects. A `float` may be NULL
    and is NaN then, a `text` empty; nothing else may. `whole`: the one table, when most of its rows are asked for: in a snapshot it
    is read piece by piece, so that nobody need hold all of it at once."""
    if _is_sqlite(session):
        return _turned(session, statement, sorts)
    if whole is None or session.get_bind().get_execution_options().get("isolation_level") != "REPEATABLE READ":
        return _piece(session, _asked(session, statement, sorts), sorts, {})
    name = whole.__tablename__
    range_ = text(f"{name}.ctid >= CAST(:low AS tid) AND {name}.ctid < CAST(:high AS tid)").bindparams(low="", high="")
    pages = session.scalar(text(f"SELECT pg_relation_size('{name}') / current_setting('block_size')::bigint")) or 0
    asked, begins = _asked(session, statement.where(range_), sorts), range(0, max(1, pages), PIECE)
    pieces = [_piece(session, asked, sorts, {"low": f"({at},0)", "high": f"({at + PIECE},0)"}) for at in begins]
    return [_stacked(list(columns)) for columns in zip(*pieces, strict=True)]


def read_few_columns(session: Session, statement: Select[*tuple[Any, ...]], sorts: Sequence[Sort]) -> list[Column]:
    """`read_columns` of some thousand rows at most."""
    inner = statement.subquery()
    pairs = list(zip(inner.c, sorts, strict=True))
    if not _is_sqlite(session):
        row = _one_row(session, select(*(func.array_agg(_typed(column, sort)) for column, sort in pairs)).select_from(inner))
        return [_listed(values or [], sort) for values, sort in zip(row, sorts, strict=True)]
    if "float" in sorts:  # JSON would not keep it to the bit
        return _turned(session, statement, sorts)
    listed = [func.json_group_array(func.hex(column) if sort in BYTES else column) for column, sort in pairs]
    row = _one_row(session, select(*listed).select_from(inner))
    values = [orjson.loads(text) for text in row]
    return [
        _listed(list(map(bytes.fromhex, found)) if sort in BYTES else found, sort)
        for found, sort in zip(values, sorts, strict=True)
    ]


def _typed(column: ColumnElement[Any], sort: Sort) -> ColumnElement[Any]:
    if sort == "text":
        return func.coalesce(sql_cast(column, String), "")
    return sql_cast(column, BigInteger if sort == "int" else Double) if sort in NUMBERS else column


def _one_row(session: Session, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    found = session.connection().execute(statement)
    cursor: Any = found.cursor  # as the driver answers
    row: Sequence[Any] = cursor.fetchone()
    found.close()
    return row


def _listed(values: list[Any], sort: Sort) -> Column:
    """The values of a column as an array."""
    if sort not in BYTES:
        return _plain(values, sort)
    return _blobs([value.encode() if isinstance(value, str) else bytes(value) for value in values])


class _Asked(NamedTuple):
    """A statement of one row in PostgreSQL's words, what it is given, and how many fields it has."""

    sql: str
    given: Mapping[str, Any]
    fields: int


def _asked(session: Session, statement: Select[*tuple[Any, ...]], sorts: Sequence[Sort]) -> _Asked:
    """How many rows, their numbers, and each of the other columns: one row of all."""
    inner = statement.subquery()
    columns = list(zip(inner.c, sorts, strict=True))
    numbers = [_sent(column, sort) for column, sort in columns if sort in NUMBERS]
    others = [_gathered(column, sort) for column, sort in columns if sort not in NUMBERS]
    record = reduce(lambda a, b: a.op("||")(b), numbers) if numbers else NOTHING
    whole = select(func.int8send(func.count()), func.string_agg(record, NOTHING), *others).select_from(inner)
    compiled = whole.compile(dialect=session.connection().dialect, compile_kwargs={"render_postcompile": True})
    return _Asked(str(compiled), compiled.params, 2 + len(others))


def _piece(session: Session, asked: _Asked, sorts: Sequence[Sort], given: Mapping[str, str]) -> list[Column]:
    count, records, *fields = _copied(session, asked, given)
    (n,), numbers = struct.unpack(">q", count), [NUMBERS[sort] for sort in sorts if sort in NUMBERS]
    if len(records) != n * 8 * len(numbers):
        raise ValueError("a number is NULL")
    made, rest = iter(_numbers(records, numbers)), iter(fields)
    return [next(made) if sort in NUMBERS else _array(next(rest), sort, n) for sort in sorts]


def _stacked(pieces: list[Column]) -> Column:
    """The pieces of a column below one another: with rows, they may have come in several widths."""
    filled = [piece for piece in pieces if len(piece)]
    if len({piece.dtype for piece in filled}) > 1:
        return _blobs([bytes(value) for piece in filled for value in piece.tolist()])
    return np.concatenate(filled) if filled else pieces[0]


def as_wkb(geometry: Any) -> ColumnElement[bytes]:
    """A stored geometry as well-known binary."""
    return func.ST_AsBinary(geometry, type_=LargeBinary)


def halves(column: Column) -> tuple[Column, Column]:
    """What `Words.both` put together."""
    return column >> 32, column & 0xFFFFFFFF


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _turned(session: Session, statement: Select[*tuple[Any, ...]], sorts: Sequence[Sort]) -> list[Column]:
    found = session.connection().execute(statement)  # which remembers how the statement is written
    rows: Any = found.cursor  # as the driver answers: nothing is made of a value
    parts: list[list[Any]] = [[] for _ in sorts]
    while chunk := rows.fetchmany(CHUNK):
        for part, values, sort in zip(parts, zip(*chunk, strict=True), sorts, strict=True):
            part.append(_plain(values, sort) if sort not in BYTES else values)
    found.close()
    return [_joined(part, sort) for part, sort in zip(parts, sorts, strict=True)]


def _joined(parts: list[Any], sort: Sort) -> Column:
    if sort in BYTES:
        return _blobs([value.encode() if isinstance(value, str) else value for part in parts for value in part])
    return np.concatenate(parts) if parts else _plain((), sort)


def _plain(values: Sequence[Any], sort: Sort) -> Column:
    if sort in NUMBERS:
        return np.array(values, NUMBERS[sort][0])
    out = np.empty(len(values), object)
    out[:] = [value or "" for value in values]
    return out


def _blobs(values: list[bytes]) -> Column:
    """As `BYTES` are answered: an array of one width where they are all as long, else of objects."""
    lengths = {len(value) for value in values}
    if len(lengths) == 1 and (length := lengths.pop()):
        return np.frombuffer(b"".join(values), f"V{length}")
    out = np.empty(len(values), object)
    out[:] = values
    return out


def _sent(column: ColumnElement[Any], sort: Sort) -> ColumnElement[Any]:
    """A number as PostgreSQL sends it."""
    if sort == "int":
        return func.int8send(sql_cast(column, BigInteger))
    return func.float8send(func.coalesce(sql_cast(column, Double), sql_cast("NaN", Double)))


def _gathered(column: ColumnElement[Any], sort: Sort) -> ColumnElement[Any]:
    if sort == "text":
        return func.array_agg(func.coalesce(sql_cast(column, String), ""))
    return func.string_agg(column, NOTHING if sort == "wkb" else COMMA)


def _copied(session: Session, asked: _Asked, given: Mapping[str, str]) -> list[memoryview]:
    """The fields of a statement's one row, as binary COPY sends them; empty where they are NULL. A table is read from its
    beginning, not from where somebody else is: then its rows mostly come as they were written, and what comes in order need
    not be put in order."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL synchronize_seqscans = off")
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY ({asked.sql}) TO STDOUT (FORMAT BINARY)", {**asked.given, **given}) as copy:
        data = memoryview(b"".join(copy))
    fields, at = [], COPY_HEADER
    for _ in range(asked.fields):
        (length,) = struct.unpack_from(">i", data, at)
        fields.append(data[at + 4 : at + 4 + max(length, 0)])
        at += 4 + max(length, 0)
    return fields


def _numbers(records: memoryview, sorts: Sequence[tuple[Any, str]]) -> list[Column]:
    """The columns of records of eight bytes a number."""
    found = np.frombuffer(records, [(f"c{n}", wire) for n, (_, wire) in enumerate(sorts)])
    return [found[f"c{n}"].astype(dtype) for n, (dtype, _) in enumerate(sorts)]


def _array(field: memoryview, sort: Sort, n: int) -> Column:
    """A column of n values that are no numbers."""
    if not n:
        return _blobs([]) if sort in BYTES else _plain((), sort)
    if sort == "text":
        return _plain([value.decode() for value in _elements(field[ARRAY_HEADER:], n)], sort)
    found = _geometries(field) if sort == "wkb" else _letters(bytes(field))
    if len(found) != n:  # NULL is left out where values are strung together, and all behind it would be somebody else's
        raise ValueError("a place or a word is NULL")
    return found


def _geometries(field: memoryview) -> Column:
    """Geometries one behind the other; points alone lie evenly."""
    if len(field) % POINT == 0:
        even = np.frombuffer(field, [("order", "u1"), ("type", "<u4"), ("rest", "V16")])
        if ((even["order"] == 1) & (even["type"] == 1)).all():
            return even.view(f"V{POINT}")
    found, at = [], 0
    while at < len(field):
        end = _end_of(field, at)
        found.append(bytes(field[at:end]))
        at = end
    return _blobs(found)


def _end_of(field: memoryview, at: int) -> int:
    """Where the geometry ends that begins there: two coordinates of eight bytes a vertex."""
    order = "<" if field[at] else ">"
    kind, count = struct.unpack_from(f"{order}I", field, at + 1)[0], 0
    at += 5
    if kind == 1:
        return at + 16
    (count,) = struct.unpack_from(f"{order}I", field, at)
    at += 4
    if kind == 2:
        return at + 16 * int(count)
    for _ in range(count):
        if kind == 3:
            at += 4 + 16 * int(struct.unpack_from(f"{order}I", field, at)[0])
        else:
            at = _end_of(field, at)
    return at


def _letters(words: bytes) -> Column:
    """Words with a comma between any two."""
    width = (words + b",").index(b",") + 1
    if (len(words) + 1) % width == 0 and width > 1:
        even = np.frombuffer(words + b",", np.uint8).reshape(-1, width)
        if (even[:, -1] == ord(",")).all() and (even[:, :-1] != ord(",")).all():
            return np.ascontiguousarray(even[:, :-1]).view(f"V{width - 1}")[:, 0]
    return _blobs(words.split(b","))


def _elements(body: memoryview, count: int) -> list[bytes]:
    """The elements of an array in its binary form: each with its length before it."""
    found, at = [], 0
    for _ in range(count):
        (length,) = struct.unpack_from(">i", body, at)
        found.append(bytes(body[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """Expressions in the words of a session's engine."""

    is_sqlite: bool

    @classmethod
    def of(cls, session: Session) -> Words:
        return cls(_is_sqlite(session))

    def ordinal(self, day: Any) -> ColumnElement[int]:
        """A day as Python counts it (`date.toordinal`)."""
        if self.is_sqlite:
            return sql_cast(func.julianday(day) + 0.5, Integer) - DAY_ONE
        return day - func.make_date(1, 1, 1) + 1  # type: ignore[no-any-return]

    def number_in(self, values: Any, name: str) -> ColumnElement[float]:
        """A number that a JSON object holds; NULL where it does not."""
        if self.is_sqlite:
            return func.json_extract(values, f"$.{name}")
        return sql_cast(values.op("->>")(name), Double)

    def lacks(self, values: Any, name: str) -> ColumnElement[bool]:
        """A JSON object holds nothing, or null, under this name."""
        return (func.json_extract(values, f"$.{name}") if self.is_sqlite else values.op("->>")(name)).is_(None)

    def has_any(self, values: Any) -> ColumnElement[bool]:
        """A JSON object is not empty."""
        return values.op("<>", is_comparison=True)(literal_column("'{}'"))  # type: ignore[no-any-return]

    def words_in(self, values: Any, names: Sequence[str]) -> ColumnElement[str]:
        """What a JSON object holds under these names, as the text of a JSON list with null for what it does not hold."""
        if self.is_sqlite:
            return func.json_extract(values, *(f"$.{name}" for name in names), '$.""')
        return sql_cast(func.jsonb_build_array(*(values.op("->")(name) for name in names)), String)

    def both(self, high: Any, low: Any) -> ColumnElement[int]:
        """Two small whole numbers as one: every element of a column costs its sending. See `halves`."""
        return sql_cast(high, BigInteger) * (1 << 32) + sql_cast(low, BigInteger)

    def times(self, number: Any, by: int, more: Any) -> ColumnElement[int]:
        """`number × by + more`, where `more` is below `by`: two whole numbers as one, of which one may be large."""
        return sql_cast(number, BigInteger) * by + more  # type: ignore[no-any-return]

    def place_of(self, column: Any, names: Sequence[str]) -> ColumnElement[int]:
        """The place of a text among `names`, -1 for another."""
        return case({name: place for place, name in enumerate(names)}, value=column, else_=-1)
