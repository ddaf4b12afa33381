"""A fresh, migrated database for each test, on both engines, from a template that is migrated once per session.

SQLite: the file is copied (2 ms). PostgreSQL: a copy takes 75 ms, so each process copies once and then deletes the rows that
tests leave (2 ms); the sequences run on, and the rows that migrations put there are reference data and stay.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg

from app.db.schema import migrate
from app.db.session import Database
from tests.support.postgres import Cluster, locked
from tests.support.timing import FOLLOWING

SQLITE, POSTGRESQL = "sqlite", "postgresql"
TEMPLATE = "infrashare_template"


class FreshDatabase(Protocol):
    """One database at one URL, made anew by `reset`. Nothing may be connected to it then."""

    @property
    def url(self) -> str: ...

    def reset(self) -> None: ...


def kinds() -> Sequence[str]:
    """The engines to test on: TEST_DATABASE=sqlite or postgresql, else both."""
    chosen = os.environ.get("TEST_DATABASE", "both")
    if chosen == "both":
        return (SQLITE, POSTGRESQL)
    if chosen not in (SQLITE, POSTGRESQL):
        raise ValueError(f"TEST_DATABASE={chosen}: give {SQLITE}, {POSTGRESQL} or both")
    return (chosen,)


def _migrate(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.dispose()


@dataclass
class SqliteCopy:
    """A file copied from a migrated one."""

    template: Path
    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def reset(self) -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.path)


def sqlite_copy(shared: Path, own: Path) -> SqliteCopy:
    """`shared` holds the session's template, `own` this process's copy."""
    template = shared / "template.db"
    with locked(shared):
        if not template.exists():
            draft = shared / "draft.db"
            _migrate(f"sqlite:///{draft}")
            checkpoint(draft)
            draft.rename(template)
    return SqliteCopy(template, file_in(own))


def file_in(folder: Path) -> Path:
    return folder / "test.db"


def checkpoint(path: Path) -> None:
    """Bring everything into the one file that is copied."""
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        connection.rollback()
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()


@dataclass
class PostgresqlCopy:
    """A database of the scratch cluster, created from a migrated one."""

    cluster: Cluster
    name: str
    _connection: psycopg.Connection[tuple[str]] | None = field(default=None, repr=False)
    _filled: str = ""  # the query for the tables that hold rows

    @property
    def url(self) -> str:
        return self.cluster.url(self.name)

    def reset(self) -> None:
        connection = self._connection or self._create()
        filled = [name for (name,) in connection.execute(self._filled)]
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # no foreign keys, no append-only triggers
            connection.execute("SET LOCAL lock_timeout = '5s'")  # a test left a transaction open
            for name in filled:
                connection.execute(f"DELETE FROM {name}")

    def _create(self) -> psycopg.Connection[tuple[str]]:
        self.cluster.sql("postgres", f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')  # tests may come back to this engine
        self.cluster.sql("postgres", f'CREATE DATABASE "{self.name}" TEMPLATE {TEMPLATE} STRATEGY FILE_COPY')
        self._connection = connection = psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True)
        query = "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        names = [name for (name,) in connection.execute(query)]
        empty = [name for name in names if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None]
        self._filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in empty)
        return connection


def postgresql_copy(cluster: Cluster, shared: Path, worker: str) -> PostgresqlCopy:
    """`worker` names this process's database."""
    with locked(shared):
        if cluster.sql("postgres", f"SELECT count(*) FROM pg_database WHERE datname = '{TEMPLATE}'") == "0":
            cluster.sql("postgres", "CREATE DATABASE draft")
            cluster.sql("draft", "CREATE EXTENSION IF NOT EXISTS postgis", "CREATE EXTENSION IF NOT EXISTS btree_gist")
            _migrate(cluster.url("draft"))
            cluster.sql("draft", FOLLOWING)
            cluster.sql("postgres", f"ALTER DATABASE draft RENAME TO {TEMPLATE}")
    return PostgresqlCopy(cluster, f"infrashare_{worker}")
