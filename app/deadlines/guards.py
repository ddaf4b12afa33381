"""The database restates that the past of a deadline and of a calendar is append-only: no update, no delete, on either engine."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

TABLES = ("deadline_entry", "calendar_year")
MESSAGE = "what was counted is append-only"


def statements(dialect: str, table: str) -> list[str]:
    """The triggers of one table."""
    if dialect == "postgresql":
        return [
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def drop_statements(dialect: str, table: str) -> list[str]:
    """Undo `statements`, once the table is gone or before it is rebuilt."""
    if dialect == "postgresql":
        return [f"DROP FUNCTION IF EXISTS {table}_refuse() CASCADE"]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]


def guard(table: Table) -> None:
    """Give the table its triggers wherever it is created."""
    for dialect in ("postgresql", "sqlite"):
        for statement in statements(dialect, table.name):
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
    for statement in drop_statements("postgresql", table.name):
        event.listen(table, "after_drop", DDL(statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
