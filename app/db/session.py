"""Engines and transactions: short writers, read-only readers, the same on both databases.

SQLite: WAL, foreign keys, `BEGIN IMMEDIATE` for writers, deferred `query_only` readers. PostgreSQL: READ COMMITTED,
read-only readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import spatial, words
from app.db.carrier import Carrier, TableAlone
from app.db.hints import heed_hints

BUSY_TIMEOUT_MS = 20_000
RELOADED_S = 600  # a connection to SQLite knows the statistics of when it was opened
SAMPLE = 1_000  # rows of each index that SQLite looks at for its statistics: milliseconds, however large a table
ANNOUNCED = "jobs"  # in a session's info: ids of jobs to announce when it has committed


class Database:
    """One database: `read()` and `write()` open the only two kinds of transaction there are. `carrier` tells workers of the
    jobs that a transaction committed."""

    def __init__(self, url: str, *, pool_size: int = 10, carrier: Carrier | None = None) -> None:
        self.url = url
        self.carrier: Carrier = carrier or TableAlone()
        options: dict[str, Any] = (
            {"pool_recycle": RELOADED_S}
            if url.startswith("sqlite")
            else {"pool_size": pool_size, "max_overflow": 20, "pool_pre_ping": True}
        )
        self.engine: Engine = create_engine(url, json_deserializer=orjson.loads, **options)
        self._writer = self.engine.execution_options(writes=True)
        self._reader = self.engine.execution_options(writes=False)
        self._snapshots = (
            self._reader if self.is_sqlite else self.engine.execution_options(writes=False, isolation_level="REPEATABLE READ")
        )
        if self.is_sqlite:
            heed_hints(self.engine)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "begin", _begin_postgresql)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that cannot write; closing it rolls back, and leaves the rows that it loaded as they were read."""
        with Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that cannot write and whose every statement sees the same moment, on both engines."""
        with Session(self._snapshots, autoflush=False) as session:
            yield session

    @contextmanager
    def beside(self, session: Session) -> Iterator[Session | None]:
        """A second session that sees the very moment that a snapshot sees, to read on two connections at once; None on SQLite,
        whose connections cannot share one."""
        if self.is_sqlite:
            yield None
            return
        name = session.scalar(text("SELECT pg_export_snapshot()"))
        with Session(self._snapshots, autoflush=False) as second:
            second.connection().exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{name}'")
            yield second

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one write transaction, committed when the block ends without an exception."""
        with Session(self._writer, autoflush=True, expire_on_commit=False) as session, session.begin():
            yield session
        if ids := session.info.get(ANNOUNCED):
            self.carrier.announce(ids)

    @contextmanager
    def rebuild(self) -> Iterator[Session]:
        """A write transaction for changes of the schema. SQLite rebuilds a table to change it, which drops it under those that
        refer to it: foreign keys are off until the end, and then every row is checked."""
        try:
            with Session(self._writer.execution_options(rebuilds=True), autoflush=True) as session, session.begin():
                yield session
                if self.is_sqlite and (broken := session.execute(text("PRAGMA foreign_key_check")).first()):
                    raise ValueError(f"row {broken[1]} of {broken[0]} refers to a row of {broken[2]} that is not there")
        finally:
            if self.is_sqlite:
                self.dispose()  # with the connection that has its foreign keys off

    def take_statistics(self) -> None:
        """By which SQLite plans. PostgreSQL takes its own."""
        if self.is_sqlite:
            with self.write() as session:
                session.execute(text(f"PRAGMA analysis_limit = {SAMPLE}"))
                session.execute(text("ANALYZE"))

    def dispose(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a commit that was acknowledged survives a power cut
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "cache_size = -65536",
        "temp_store = MEMORY",
        "mmap_size = 268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")
    spatial.register_functions(connection)
    words.register_functions(connection)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    if connection.get_execution_options().get("rebuilds"):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("writes", True):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


RETRIED = ("40001", "40P01")  # serialization failure, deadlock


# PostgreSQL's own slip under many lockers of one row (internal_error): it rolls back, nothing is written, the next try succeeds
SLIP, SLIP_WORDS = "XX000", "new multixact has more than one updating member"


def is_retriable(error: BaseException) -> bool:
    """Whether running the same transaction again may succeed."""
    return isinstance(error, DBAPIError) and is_passing(error.orig)


def is_passing(error: BaseException | None) -> bool:
    """The same of the driver's own error."""
    state = getattr(error, "sqlstate", None)
    return state in RETRIED or (state == SLIP and SLIP_WORDS in str(error)) or "database is locked" in str(error)
