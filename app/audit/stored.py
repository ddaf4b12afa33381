"""Records as their database keeps them, to the byte: a value that was written in another way says the same, and is a changed byte.

PostgreSQL has one way to keep each value, but for numbers in JSON (1.5, 1.50). SQLite keeps whatever it is given: text of any
spelling, JSON with other blanks, bytes where a number belongs.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, Select, Table, Text, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

from app.audit.models import AuditRecord
from app.db.base import UtcDateTime

TABLE = typing.cast(Table, AuditRecord.__table__)
COLUMNS: tuple[Column[Any], ...] = tuple(TABLE.columns.values())
ORDER = (TABLE.c.chain, TABLE.c.position, TABLE.c.id)
POSITION = next(column for column in COLUMNS if column.name == "position")
INSTANT = "%Y-%m-%d %H:%M:%S.%f"  # as SQLAlchemy writes it on SQLite
INTEGERS = BigInteger | type(TABLE.c.id.type)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """One row. `facts`: what it says, by column; None when a value is not in the one form in which it is written. `position`: None
    when that is what cannot be read."""

    chain: str
    position: int | None
    facts: Mapping[str, Any] | None


class OtherForm(ValueError):
    """A value that is not written in its one form."""


def kept_records(session: Session) -> Iterator[Kept]:
    """Every record, chain by chain, in the order of its chain; a thousand at a time."""
    if session.get_bind().dialect.name == "sqlite":
        yield from (_from_sqlite(row) for row in session.execute(_raw(), execution_options={"yield_per": BATCH}))
    else:
        yield from (_from_postgresql(row) for row in session.execute(_typed(), execution_options={"yield_per": BATCH}))


def _raw() -> Select[Any]:
    """Of each column its storage class and its bytes."""
    halves = [half for column in COLUMNS for half in (func.typeof(column), cast(column, LargeBinary))]
    return select(*halves).order_by(*ORDER)


def _typed() -> Select[Any]:
    return select(*(cast(column, Text) if isinstance(column.type, JSON) else column for column in COLUMNS)).order_by(*ORDER)


def _from_sqlite(row: Any) -> Kept:
    raw = {column.name: (row[2 * at], row[2 * at + 1]) for at, column in enumerate(COLUMNS)}
    chain = bytes(raw["chain"][1] or b"").decode("utf-8", "replace")
    try:
        position = _read(POSITION, *raw["position"])
    except ValueError:
        return Kept(chain, None, None)
    try:
        return Kept(chain, position, {column.name: _read(column, *raw[column.name]) for column in COLUMNS})
    except ValueError:
        return Kept(chain, position, None)


def _read(column: Column[Any], storage: str, data: bytes | None) -> Any:
    """The value. Raises `ValueError` when it is in another form."""
    if storage == "null" and column.nullable:
        return None
    number = isinstance(column.type, INTEGERS)
    if data is None or storage != ("integer" if number else "text"):
        raise OtherForm(column.name)
    text = data.decode()
    if number:
        return int(text)
    if isinstance(column.type, UtcDateTime):
        return _written(datetime.strptime(text, INSTANT).replace(tzinfo=UTC), text, lambda at: at.strftime(INSTANT))
    if isinstance(column.type, JSON):
        return _written(json.loads(text), text, lambda value: json.dumps(value, sort_keys=True))
    return text


def _written(value: Any, text: str, write: Any) -> Any:
    if write(value) != text:
        raise OtherForm(text)
    return value


def _from_postgresql(row: Any) -> Kept:
    found = dict(zip((column.name for column in COLUMNS), row, strict=True))
    try:
        facts = {c.name: _loaded(found[c.name]) if isinstance(c.type, JSON) else found[c.name] for c in COLUMNS}
    except ValueError:
        return Kept(found["chain"], found["position"], None)
    return Kept(found["chain"], found["position"], facts)


def _loaded(text: str) -> Any:
    return json.loads(text, parse_float=_number)


def _number(token: str) -> float:
    """A fraction as `jsonb` keeps one that Python wrote."""
    return float(_written(float(token), token, lambda value: format(Decimal(repr(value)), "f")))
