"""The database's own guarantee that what works reserve for communications stands: a claim of works ends only with the works.

Written twice; a test takes it away and sees what happens then."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

_ENDS = "OLD.holder_type = 'works' AND OLD.state = 'active' AND NEW.state <> 'active'"
_CANCELLED = "SELECT 1 FROM works_project WHERE ref = OLD.holder_ref AND status = 'cancelled'"
_POSTGRESQL = (
    f"""CREATE FUNCTION works_reserve_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF NOT EXISTS ({_CANCELLED}) THEN
        RAISE EXCEPTION 'works: the reservation stands' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_works_stand';
    END IF;
    RETURN NEW;
END $guard$""",
    f"CREATE TRIGGER works_reserve_stands BEFORE UPDATE ON claim FOR EACH ROW WHEN ({_ENDS}) EXECUTE FUNCTION works_reserve_stands()",
)
_SQLITE = (
    f"""CREATE TRIGGER works_reserve_stands BEFORE UPDATE ON claim WHEN {_ENDS} BEGIN
    SELECT RAISE(ABORT, 'works: the reservation stands') WHERE NOT EXISTS ({_CANCELLED});
END""",
)


def statements(dialect: str) -> tuple[str, ...]:
    return _POSTGRESQL if dialect == "postgresql" else _SQLITE


def drop_statements(dialect: str) -> tuple[str, ...]:
    if dialect == "postgresql":
        return ("DROP TRIGGER IF EXISTS works_reserve_stands ON claim", "DROP FUNCTION IF EXISTS works_reserve_stands()")
    return ("DROP TRIGGER IF EXISTS works_reserve_stands",)


def attach(table: Table) -> None:
    """Create and drop the guard with the table of works."""
    for dialect in ("postgresql", "sqlite"):
        for moment, found in (("after_create", statements(dialect)), ("before_drop", drop_statements(dialect))):
            for statement in found:
                ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(table, moment, ddl.execute_if(dialect=dialect))
