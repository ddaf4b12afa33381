"""The database's clock: what all servers share, whatever the clock of the one that asks. It decides what expires.

PostgreSQL answers by a function of ours, `database_now()`, because triggers ask it too: the start of the transaction, so that
rule and trigger agree to the instant. SQLite answers by `strftime`, which reads the clock of the one machine that it runs on.
Milliseconds at least, UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.db.base import Base, UtcDateTime

FUNCTION = "CREATE FUNCTION database_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT transaction_timestamp()'"
DROP = "DROP FUNCTION IF EXISTS database_now()"
ON_SQLITE = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"  # as SQLAlchemy writes a timestamp, to compare as text


class database_now(FunctionElement[Any]):  # noqa: N801 - reads as a function of SQL
    """The instant of the transaction (PostgreSQL) or the statement (SQLite), by the database."""

    inherit_cache = True
    type = UtcDateTime()


@compiles(database_now, "postgresql")
def _on_postgresql(element: database_now, compiler: Any, **kw: Any) -> str:
    return "database_now()"


@compiles(database_now, "sqlite")
def _on_sqlite(element: database_now, compiler: Any, **kw: Any) -> str:
    return ON_SQLITE


def _ddl(statement: str) -> Any:
    ddl: DDL = DDL(statement)  # type: ignore[no-untyped-call]
    return ddl.execute_if(dialect="postgresql")


event.listen(Base.metadata, "before_create", _ddl(FUNCTION))
event.listen(Base.metadata, "after_drop", _ddl(DROP))
