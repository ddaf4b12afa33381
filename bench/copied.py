"""A filled database taken over from SQLite to PostgreSQL as it stands, table by table: minutes where making it again takes an hour.

Triggers rest while it writes, and secondary indexes are made afterwards.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Boolean, Column, Connection, LargeBinary, Table, text

from app.bootstrap import load_models
from app.db.base import Base
from app.db.spatial import Geo
from bench import databases

CHUNK = 50_000


def take_over(source: databases.Place, target: databases.Place) -> None:
    """Replace all that is in `target` (PostgreSQL) by what is in `source` (SQLite)."""
    load_models()
    from_bus, to_bus = source.bus(), target.bus()
    tables = Base.metadata.sorted_tables
    with from_bus.database.read() as session, to_bus.database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"TRUNCATE {', '.join(table.name for table in tables)} CASCADE"))
        indexes = _without_indexes(connection)
        for table in tables:
            _copy(session.connection(), connection, table)
        for statement in indexes:
            connection.execute(text(statement.replace(":", "\\:")))
    from_bus.database.dispose()
    to_bus.database.dispose()


def _without_indexes(connection: Connection) -> list[str]:
    """Drop what only makes reading quick; returns how to make it again."""
    rows = connection.execute(
        text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix%'")
    ).all()
    for name, _ in rows:
        connection.execute(text(f"DROP INDEX {name}"))
    return [definition for _, definition in rows]


def _copy(source: Connection, target: Connection, table: Table) -> None:
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(f'"{column.name}"' for column in columns)
    rows = source.connection.cursor().execute(f"SELECT {names} FROM {table.name}")
    cursor: Any = target.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv)") as copy:
        for part in _parts(rows):
            arrays = [_array(column, values) for column, values in zip(columns, zip(*part, strict=True), strict=True)]
            copy.write(_csv(pa.table(arrays, names=[column.name for column in columns])))
    if "id" in table.columns and table.columns["id"].autoincrement:
        counted = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), greatest(max(id), 1)) FROM {table.name}"
        target.execute(text(counted))


def _parts(rows: Any) -> Iterator[Sequence[tuple[Any, ...]]]:
    while part := rows.fetchmany(CHUNK):
        yield part


def _array(column: Column[Any], values: Sequence[Any]) -> Any:
    """As PostgreSQL reads it from CSV."""
    if isinstance(column.type, Geo):
        return pa.array([None if value is None else value.hex() for value in values], pa.string())
    if isinstance(column.type, LargeBinary):
        return pa.array([None if value is None else "\\x" + value.hex() for value in values], pa.string())
    if isinstance(column.type, Boolean):
        return pa.array([None if value is None else bool(value) for value in values], pa.bool_())
    return pa.array(values, pa.string()) if all(value is None for value in values) else pa.array(values)


def _csv(table: Any) -> bytes:
    out = io.BytesIO()
    pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(include_header=False))
    return out.getvalue()
