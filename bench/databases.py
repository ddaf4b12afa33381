"""A migrated database on each engine for a measurement: a file in a temporary folder, and a scratch PostgreSQL cluster where
it is installed. What takes long to fill is kept in `var/bench` for the next run (`BENCH_KEPT` names another folder): it is then
opened, and brought to the newest migration."""

from __future__ import annotations

import os
import shutil
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
KEPT = Path(os.environ.get("BENCH_KEPT", ROOT / "var" / "bench"))
FILLED = "filled"  # the file in a place's folder that says that it was filled to the end


@dataclass(frozen=True, slots=True)
class Place:
    """One database: `name` of its engine with the version, its URL, a folder for variable data beside it, and the process of its
    server where it has one."""

    engine: str
    name: str
    url: str
    var: Path
    process: int | None = None

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
def both(kept: str | None = None) -> Iterator[list[Place]]:
    """Both engines, migrated, for the time of the block; SQLite alone, with the reason, where PostgreSQL is not installed. Empty,
    or as the last run filled what is `kept` under that name."""
    with ExitStack() as stack:
        if kept is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="infrashare-bench-")))
            folder.chmod(0o755)  # the database's own user goes through it
        else:
            folder = KEPT / kept
        places = [_sqlite(_cleared(folder / "sqlite"))]
        programs = postgres.bindir()
        if programs is None:
            print(f"MISSING PEER: PostgreSQL with PostGIS is not installed, left out: {postgres.INSTALL}", flush=True)
        else:
            places.append(_postgresql(programs, _cleared(folder / "postgresql"), stack))
        for place in places:
            _boundaries(place.var)
            bus = place.bus()
            migrate(bus.database)
            bus.database.dispose()
        yield places


def _cleared(folder: Path) -> Path:
    """The folder of a place and of its variable data: empty when nothing was filled into it to the end."""
    if not (folder / "var" / FILLED).exists():
        shutil.rmtree(folder, ignore_errors=True)
    (folder / "var").mkdir(parents=True, exist_ok=True)
    return folder


def _sqlite(folder: Path) -> Place:
    import sqlite3

    return Place(SQLITE, f"SQLite {sqlite3.sqlite_version}", f"sqlite:///{folder / 'bench.db'}", folder / "var")


def _postgresql(programs: str, folder: Path, stack: ExitStack) -> Place:
    """A cluster of its own; one that was filled starts with its data, from the folder that it had."""
    note = folder / "cluster"
    if note.exists():
        cluster = postgres.Cluster(programs, note.read_text(encoding="utf-8"), postgres.free_port())
        postgres.boot(cluster)
        postgres.watch(cluster.folder, stays=True)
    else:
        cluster = postgres.start(programs, parent=folder)
        note.write_text(cluster.folder, encoding="utf-8")
        cluster.sql("postgres", "CREATE DATABASE bench")
        cluster.sql("bench", "CREATE EXTENSION IF NOT EXISTS postgis", "CREATE EXTENSION IF NOT EXISTS btree_gist")
    stack.callback(cluster.rest)
    version = cluster.sql("bench", "SHOW server_version").split()[0]
    process = int((Path(cluster.folder) / "data" / "postmaster.pid").read_text().split()[0])
    return Place(POSTGRESQL, f"PostgreSQL {version}", cluster.url("bench"), folder / "var", process)


def _boundaries(var: Path) -> None:
    """Share the boundary files that this installation has made already; without them they are made on first use."""
    made, here = ROOT / "var" / "regions", var / "regions"
    if made.is_dir() and not here.exists():
        here.symlink_to(made)


def settle(place: Place) -> None:
    """What a production database does by itself with time, or by a job: statistics, and pages that need no more visiting."""
    bus = place.bus()
    bus.database.take_statistics()
    if place.engine == POSTGRESQL:
        with bus.database.engine.execution_options(writes=True).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    bus.database.dispose()
