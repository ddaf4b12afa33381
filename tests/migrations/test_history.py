"""The history of migrations makes exactly what the models say, on both engines, up, down and up again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.bootstrap import load_models
from app.config import ROOT
from app.db.base import Base
from app.db.schema import downgrade, migrate
from app.db.session import Database
from app.db.spatial import SPATIAL
from app.db.words import WORD_INDEXES
from tests.support import databases
from tests.support.postgres import Cluster

load_models()
pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type .geometry.")


@pytest.fixture(params=databases.kinds())
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with nothing in it."""
    if request.param == databases.SQLITE:
        made = Database(f"sqlite:///{tmp_path_factory.mktemp('history') / 'empty.db'}")
        yield made
        made.dispose()
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"history_{request.node.name.split('[')[0][-30:]}_{id(request)}"
    cluster.sql("postgres", f'CREATE DATABASE "{name}"')
    made = Database(cluster.url(name))
    yield made
    made.dispose()
    cluster.sql("postgres", f'DROP DATABASE "{name}"')


def things(session: Session) -> dict[str, str]:
    """Every table, index, trigger, function and constraint of ours by name, with its definition."""
    if session.get_bind().dialect.name == "sqlite":
        rows = session.execute(
            text("SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        )
    else:
        rows = session.execute(
            text("""
            SELECT 'trigger ' || t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
            UNION ALL SELECT 'function ' || p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
            UNION ALL SELECT 'constraint ' || k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k
             JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = 'public'::regnamespace AND c.relname <> 'spatial_ref_sys'
            UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'
            UNION ALL SELECT 'column ' || table_name || '.' || column_name, data_type || ' ' || is_nullable FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT IN ('geography_columns', 'geometry_columns', 'spatial_ref_sys')""")
        )
    found = {
        name: re.sub(r"\s+", " ", sql.replace('CREATE TABLE "', "CREATE TABLE ").replace('" (', " (")).strip()
        for name, sql in rows
    }
    return {name: sql for name, sql in found.items() if "alembic_version" not in name}


def without_layout(definitions: dict[str, str]) -> dict[str, str]:
    """Column and constraint order in CREATE TABLE is not what we compare on SQLite, nor the quotes that a rebuild leaves around the
    table's name; everything else is, to the letter."""
    return {
        name: " ".join(sorted(filter(None, re.split(r"[,()]\s*|\s", re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", sql)))))
        if name.startswith("table ")
        else sql
        for name, sql in definitions.items()
    }


def test_one_line_from_nothing_to_the_head() -> None:
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini"), attributes={}))
    assert len(script.get_heads()) == 1
    assert [s.revision for s in script.walk_revisions()][-1] == "0001"


def test_the_history_makes_what_the_models_say(empty: Database) -> None:
    migrate(empty)
    with empty.write() as session:
        context = MigrationContext.configure(session.connection(), opts={"include_object": ours, "compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def ours(thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Leave out what only the database knows: R*Trees, indexes of words, PostGIS's table, the spatial indexes (compared by name below)."""
    if not reflected or name is None:
        return True
    if kind == "index":
        return name not in {f"ix_{t}_{c}" for t, c in SPATIAL} | {f"ix_{t}_words" for t in WORD_INDEXES} | {"ex_claim_slot_once"}
    return not (kind == "table" and (name.startswith(("rtree_", "words_")) or name == "spatial_ref_sys"))


def test_the_history_makes_every_guard_that_the_models_make(empty: Database) -> None:
    migrate(empty)
    with empty.read() as session:
        by_history = without_layout(things(session))
    downgrade(empty)
    with empty.write() as session:
        if not empty.is_sqlite:
            session.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
            session.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
        Base.metadata.create_all(session.connection())
    with empty.read() as session:
        by_models = without_layout(things(session))
    assert by_history.keys() == by_models.keys()
    assert {name for name in by_models if by_models[name] != by_history[name]} == set()


def test_down_leaves_nothing_and_up_again_is_the_same(empty: Database) -> None:
    migrate(empty)
    with empty.read() as session:
        first = without_layout(things(session))
    downgrade(empty)
    with empty.read() as session:
        assert things(session) == {}
    migrate(empty)
    with empty.read() as session:
        assert without_layout(things(session)) == first
