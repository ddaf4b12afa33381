"""Whole columns of a statement at once, as arrays: no row of a large answer passes through Python on PostgreSQL.

PostgreSQL gathers each column (`array_agg`) and sends them by binary COPY in one row; SQLite's rows are turned over in chunks.
Owns the way out of the database, and the few expressions that the two engines word differently. Knows no table.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Double,
    Integer,
    LargeBinary,
    Select,
    String,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

Sort = Literal["int", "float", "text", "bytes"]
Column = NDArray[Any]
CHUNK = 20_000  # rows of SQLite at a time
COPY_HEADER = 11 + 4 + 4 + 2  # signature, flags, extension; then the number of fields of the one row
ARRAY_HEADER = 5 * 4  # dimensions, has nulls, element type, length, lower bound
DAY_ONE = 1_721_425  # what the Julian day number is ahead of the count of days from 0001-01-01
NUMBERS: dict[str, tuple[Any, str]] = {"int": (np.int64, ">i8"), "float": (np.float64, ">f8")}


def read_columns(session: Session, statement: Select[*tuple[Any, ...]], sorts: Sequence[Sort]) -> list[Column]:
    """The columns of a statement, all in one order of its rows: whichever the database finds. `bytes` (or text, as UTF-8) come
    as an array of one width (dtype V) where all are as long, else of objects. An `int` or `bytes` must not be NULL; a `float`
    is NaN then, a `text` empty."""
    if _is_sqlite(session):
        return _turned(session, statement, sorts)
    inner = statement.subquery()
    columns = [_gathered(column, sort) for column, sort in zip(inner.c, sorts, strict=True)]
    fields = _copied(session, select(*columns).select_from(inner))
    return [_array(field, sort) for field, sort in zip(fields, sorts, strict=True)]


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
            part.append(_plain(values, sort) if sort != "bytes" else values)
    found.close()
    return [_joined(part, sort) for part, sort in zip(parts, sorts, strict=True)]


def _joined(parts: list[Any], sort: Sort) -> Column:
    if sort == "bytes":
        return _blobs([value.encode() if isinstance(value, str) else value for part in parts for value in part])
    return np.concatenate(parts) if parts else _plain((), sort)


def _plain(values: Sequence[Any], sort: Sort) -> Column:
    if sort in NUMBERS:
        return np.array(values, NUMBERS[sort][0])
    out = np.empty(len(values), object)
    out[:] = [value or "" for value in values]
    return out


def _blobs(values: list[bytes]) -> Column:
    """As `bytes` are answered: an array of one width where they are all as long, else of objects."""
    lengths = {len(value) for value in values}
    if len(lengths) == 1 and (length := lengths.pop()):
        return np.frombuffer(b"".join(values), f"V{length}")
    out = np.empty(len(values), object)
    out[:] = values
    return out


def _gathered(column: ColumnElement[Any], sort: Sort) -> ColumnElement[Any]:
    if sort == "int":
        column = sql_cast(column, BigInteger)
    elif sort == "float":
        column = func.coalesce(sql_cast(column, Double), sql_cast("NaN", Double))
    elif sort == "text":
        column = func.coalesce(sql_cast(column, String), "")
    return func.array_agg(column)


def _copied(session: Session, statement: Select[*tuple[Any, ...]]) -> list[memoryview]:
    """The fields of a statement's one row, as binary COPY sends them; empty where they are NULL."""
    connection = session.connection()
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT BINARY)", compiled.params) as copy:
        data = memoryview(b"".join(copy))
    fields, at = [], COPY_HEADER
    for _ in statement.selected_columns:
        (length,) = struct.unpack_from(">i", data, at)
        fields.append(data[at + 4 : at + 4 + max(length, 0)])
        at += 4 + max(length, 0)
    return fields


def _array(field: memoryview, sort: Sort) -> Column:
    """A PostgreSQL array in its binary form: a header, then each element with its length before it."""
    if not field:
        return _plain((), sort)
    body = field[ARRAY_HEADER:]
    if sort in NUMBERS:
        dtype, wire = NUMBERS[sort]
        return np.frombuffer(body, [("length", ">i4"), ("value", wire)])["value"].astype(dtype)
    (count,) = struct.unpack_from(">i", field, 12)
    (first,) = struct.unpack_from(">i", body, 0)
    if sort == "bytes" and first > 0 and len(body) == count * (4 + first):
        even = np.frombuffer(body, [("length", ">i4"), ("value", f"V{first}")])
        if (even["length"] == first).all():
            return np.ascontiguousarray(even["value"])
    found = _elements(body, count)
    return _blobs(found) if sort == "bytes" else _plain([value.decode() for value in found], sort)


def _elements(body: memoryview, count: int) -> list[bytes]:
    """The elements, which differ in length."""
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

    def one_of(self, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
        """The column is one of many numbers: one bound value, however many they are."""
        if not self.is_sqlite:
            return column == any_(bindparam(None, sorted(ids), ARRAY(BigInteger)))  # type: ignore[no-any-return]
        listed = func.json_each("[" + ",".join(map(str, sorted(ids))) + "]").table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]

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
