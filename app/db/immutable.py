"""Tables whose rows are written once: triggers refuse every update and delete, on either engine."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event


def statements(dialect: str, table: str) -> list[str]:
    """The triggers of one table."""
    if dialect == "postgresql":
        return [
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is never changed' USING ERRCODE = 'restrict_violation'; END $$",
            f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def drop_statements(dialect: str, table: str) -> list[str]:
    """Undo `statements`, before the table is rebuilt or dropped."""
    if dialect == "postgresql":
        return [f"DROP FUNCTION IF EXISTS {table}_refuse() CASCADE"]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]


def guard(table: Table) -> None:
    """Give the table its triggers wherever it is created."""
    for dialect in ("postgresql", "sqlite"):
        for statement in statements(dialect, table.name):
            event.listen(table, "after_create", _ddl(statement, dialect))
        for statement in drop_statements(dialect, table.name):
            event.listen(table, "before_drop", _ddl(statement, dialect))


def _ddl(statement: str, dialect: str) -> DDL:
    ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return ddl.execute_if(dialect=dialect)
