"""Where proofs happen: a migrated database of either engine that can be copied in no time, with a few towers on it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.bootstrap import load_models
from app.db.schema import migrate
from app.db.session import Database
from app.ledger import bulk_totals
from tests.support import places, postgres

SHORT = os.environ.get("SHORT", "") not in ("", "0")
TOTALS = {"load_kg": 10.0, "platform": 4.0}
TOWERS = 3
TENANTS = 4


@dataclass(frozen=True, slots=True)
class Site:
    """One database with `assets` (towers with TOTALS) and `tenants` (organisations), by id."""

    url: str
    assets: tuple[int, ...]
    tenants: tuple[int, ...]

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def path(self) -> str:
        """The file of SQLite, or the connection string of PostgreSQL."""
        return self.url.removeprefix("sqlite:///").replace("+psycopg", "")


def _furnish(url: str) -> Site:
    load_models()
    database = Database(url)
    migrate(database)
    with database.write() as session:
        tenants = tuple(places.organisation(session, f"Tenant {n}").id for n in range(TENANTS))
        grid = places.organisation(session, "Grid", "power")
        assets = tuple(places.asset(session, grid, name=f"Tower {n}").id for n in range(TOWERS))
        bulk_totals(session, [(asset, "tower", TOTALS) for asset in assets])
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.rollback()
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return Site(url, assets, tenants)


@dataclass
class SqliteStage:
    """Copies of one file."""

    folder: Path
    template: Site
    copies: int = 0
    name: str = "SQLite"

    def site(self) -> Site:
        self.copies += 1
        path = self.folder / f"copy{self.copies}.db"
        shutil.copyfile(self.template.path, path)
        return Site(f"sqlite:///{path}", self.template.assets, self.template.tenants)


@dataclass
class PostgresqlStage:
    """Copies of one database of a scratch cluster, and the role whose rows are guarded (`hammer`, no superuser)."""

    cluster: postgres.Cluster
    template: Site
    copies: int = 0
    name: str = "PostgreSQL"

    def site(self) -> Site:
        self.copies += 1
        name = f"copy{self.copies}"
        self.cluster.sql("postgres", f"CREATE DATABASE {name} TEMPLATE stage STRATEGY FILE_COPY")
        return Site(self.cluster.url(name), self.template.assets, self.template.tenants)


Stage = SqliteStage | PostgresqlStage

# Each tenant sees its own claims only, as on a database that several organisations' programs share.
ROW_SECURITY = (
    "CREATE ROLE hammer LOGIN",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hammer",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO hammer",
    "ALTER TABLE claim ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE claim FORCE ROW LEVEL SECURITY",
    "CREATE POLICY own_claims ON claim USING (organisation_id = current_setting('prove.tenant')::bigint)",
)


@contextmanager
def sqlite_stage() -> Iterator[SqliteStage]:
    folder = Path(tempfile.mkdtemp(prefix="infrashare-prove-"))
    try:
        yield SqliteStage(folder, _furnish(f"sqlite:///{folder / 'stage.db'}"))
    finally:
        shutil.rmtree(folder)


@contextmanager
def postgresql_stage(settings: Mapping[str, str] = postgres.SETTINGS) -> Iterator[PostgresqlStage]:
    programs = postgres.bindir()
    if programs is None:
        raise SystemExit(f"PostgreSQL with PostGIS is not installed: {postgres.INSTALL}")
    cluster = postgres.start(programs, settings)
    try:
        cluster.sql("postgres", "CREATE DATABASE stage")
        template = _furnish(cluster.url("stage"))
        cluster.sql("stage", *ROW_SECURITY)
        yield PostgresqlStage(cluster, template)
    finally:
        cluster.stop()


def as_hammer(site: Site) -> str:
    """The connection string of the role that is under row-level security."""
    return site.path.replace(f"{postgres.SUPERUSER}@", "hammer@")
