"""Alembic's environment: one history for SQLite and PostgreSQL, run on the connection that the application hands in."""

from __future__ import annotations

import warnings
from typing import Any

from alembic import context

from app.bootstrap import load_models
from app.config import Settings
from app.db.base import Base
from app.db.session import Database
from app.db.words import WORD_INDEXES

load_models()
# Batches read what refers to a rebuilt table, too; `listing`, which has this index, is never rebuilt from what was read.
warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression-based index ix_listing_price")


def include(thing: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Leave the R*Trees, the indexes of words and PostGIS's own tables out of comparisons."""
    if not reflected or name is None:
        return True
    if kind == "index":
        return name not in {f"ix_{table}_words" for table in WORD_INDEXES}
    return not (kind == "table" and (name.startswith(("rtree_", "words_")) or name == "spatial_ref_sys"))


def run(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        include_object=include,
        compare_type=False,
        transaction_per_migration=False,
    )
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with Database(Settings.from_env().database_url).rebuild() as session:
        run(session.connection())
