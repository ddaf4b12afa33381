"""Bring a database to the newest migration, from code."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from app.config import ROOT
from app.db.session import Database


def _config(database: Database) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade in one transaction; a failure leaves the schema as it was."""
    with database.rebuild() as session:
        config = _config(database)
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)
    database.take_statistics()


def downgrade(database: Database, revision: str = "base") -> None:
    with database.rebuild() as session:
        config = _config(database)
        config.attributes["connection"] = session.connection()
        command.downgrade(config, revision)
