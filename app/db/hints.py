"""How SQLite is to go through a table where its planner, which does not weigh a LIMIT, would sort all that matches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler

BY_KEY = "NOT INDEXED"  # in the order of the primary key; other tables and R*Trees are used as ever


class _Compiler(SQLiteCompiler):
    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


def heed_hints(engine: Engine) -> None:
    """SQLAlchemy writes no hints for SQLite of itself."""
    engine.dialect.statement_compiler = _Compiler


def walked(statement: Select[Any], model: Any, index: str | None = None) -> Select[Any]:
    """Through the rows of `model` in the order of an index, or of its primary key, until there are enough: for a statement that
    finds many. PostgreSQL weighs that by itself."""
    return statement.with_hint(model, BY_KEY if index is None else f"INDEXED BY {index}", "sqlite")
