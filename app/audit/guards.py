"""The database restates that records are append-only: no update, no delete, on either engine."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

# Not even the owner of the table changes a record without granting it to himself first; a superuser is stopped by the triggers alone.
GRANT = "REVOKE UPDATE, DELETE, TRUNCATE ON audit_record FROM PUBLIC, CURRENT_USER"
MESSAGE = "audit records are append-only"


def statements(dialect: str) -> list[str]:
    """The triggers of `audit_record`."""
    if dialect == "postgresql":
        return [
            "CREATE OR REPLACE FUNCTION audit_record_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$",
            GRANT,
            "CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record "
            "FOR EACH ROW EXECUTE FUNCTION audit_record_refuse()",
            "CREATE TRIGGER audit_record_no_truncate BEFORE TRUNCATE ON audit_record "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_record_refuse()",
        ]
    return [
        f"CREATE TRIGGER audit_record_no_{verb.lower()} BEFORE {verb} ON audit_record BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def drop_statements(dialect: str) -> list[str]:
    """Undo `statements`, once the table is gone or before it is rebuilt."""
    if dialect == "postgresql":
        return ["DROP FUNCTION IF EXISTS audit_record_refuse() CASCADE"]
    return [f"DROP TRIGGER IF EXISTS audit_record_no_{verb}" for verb in ("update", "delete")]


def guard(table: Table) -> None:
    """Give the table its triggers wherever it is created."""
    for dialect in ("postgresql", "sqlite"):
        for statement in statements(dialect):
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
    for statement in drop_statements("postgresql"):
        event.listen(table, "after_drop", DDL(statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
