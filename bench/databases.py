"""A migrated database on each engine for a measurement: a file in a temporary folder, and a scratch PostgreSQL cluster where
it is installed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app.bootstrap import make_bus
from app.config import ROOT, Settings
from app.db.schema import migrate
from app.db.work import Bus
from tests.support import postgres

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Place:
    """One database: `name` of its engine with the version, its URL, and a folder for variable data beside it."""

    engine: str
    name: str
    url: str
    var: Path

    @property
    def settings(self) -> Settings:
        return Settings(database_url=self.url, secret_key="bench", var=self.var, demo=False)

    @property
    def environment(self) -> dict[str, str]:
        """For processes that serve or import on this database."""
        return {**os.environ, "DATABASE_URL": self.url, "INFRASHARE_VAR": str(self.var), "SECRET_KEY": "bench", "DEMO": "0"}

    def bus(self) -> Bus:
        return make_bus(self.settings)


@contextmanager
def both() -> Iterator[list[Place]]:
    """Both engines, empty and migrated, for the time of the block; SQLite alone, with the reason, where PostgreSQL is not
    installed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infrashare-bench-")))
        places = [_sqlite(folder)]
        programs = postgres.bindir()
        if programs is None:
            print(f"MISSING PEER: PostgreSQL with PostGIS is not installed, left out: {postgres.INSTALL}", flush=True)
        else:
            cluster = postgres.start(programs)
            stack.callback(cluster.stop)
            places.append(_postgresql(cluster, folder))
        for place in places:
            place.var.mkdir()
            _boundaries(place.var)
            bus = place.bus()
            migrate(bus.database)
            bus.database.dispose()
        yield places


def _sqlite(folder: Path) -> Place:
    import sqlite3

    return Place(SQLITE, f"SQLite {sqlite3.sqlite_version}", f"sqlite:///{folder / 'bench.db'}", folder / "var-sqlite")


def _postgresql(cluster: postgres.Cluster, folder: Path) -> Place:
    cluster.sql("postgres", "CREATE DATABASE bench")
    cluster.sql("bench", "CREATE EXTENSION IF NOT EXISTS postgis", "CREATE EXTENSION IF NOT EXISTS btree_gist")
    version = cluster.sql("bench", "SHOW server_version").split()[0]
    return Place(POSTGRESQL, f"PostgreSQL {version}", cluster.url("bench"), folder / "var-postgresql")


def _boundaries(var: Path) -> None:
    """Share the boundary files that this installation has made already; without them they are made on first use."""
    made = ROOT / "var" / "regions"
    if made.is_dir():
        (var / "regions").symlink_to(made)


def settle(place: Place) -> None:
    """What a production database does by itself with time: statistics, and pages that need no more visiting."""
    bus = place.bus()
    with bus.database.engine.execution_options(writes=True).connect() as connection:
        if place.engine == POSTGRESQL:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
        else:
            connection.execute(text("ANALYZE"))
            connection.commit()
    bus.database.dispose()
