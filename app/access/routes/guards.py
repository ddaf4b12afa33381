"""The database restates that a route is agreed whole or not at all, on either engine: it is agreed only when all its legs stand,
and the offer on a leg is taken only with its route."""

from __future__ import annotations

from sqlalchemy import DDL, event

from app.db.base import Base

MISSING = "a leg of the route does not stand"
ALONE = "a leg is taken with its route only"
LEGS = """SELECT 1 FROM route_leg l JOIN access_request a ON a.id = l.request_id WHERE l.route_id = NEW.id AND l.left_at IS NULL
 AND (l.lost_at IS NOT NULL OR a.status NOT IN ('accepted','countered','agreed'))"""
ROUTE = """SELECT 1 FROM route_leg l JOIN route_request r ON r.id = l.route_id WHERE l.request_id = NEW.request_id
 AND l.left_at IS NULL AND r.status <> 'agreed'"""
GUARDS = (("route_request", "route_request_whole", LEGS, MISSING), ("offer", "offer_with_route", ROUTE, ALONE))


def statements(dialect: str, table: str, name: str, found: str, message: str) -> list[str]:
    """The trigger of one table. On PostgreSQL it sees every row, whoever updates."""
    if dialect == "postgresql":
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp "
            f"AS $$ BEGIN IF EXISTS ({found}) THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF; "
            "RETURN NEW; END $$",
            f"CREATE TRIGGER {name} BEFORE UPDATE OF status ON {table} FOR EACH ROW WHEN (NEW.status = 'agreed' AND "
            f"OLD.status <> 'agreed') EXECUTE FUNCTION {name}()",
        ]
    return [
        f"CREATE TRIGGER {name} BEFORE UPDATE OF status ON {table} WHEN NEW.status = 'agreed' AND OLD.status <> 'agreed' "
        f"BEGIN SELECT RAISE(ABORT, '{message}') WHERE EXISTS ({found}); END"
    ]


def drop_statements(dialect: str, table: str, name: str) -> list[str]:
    if dialect == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {name} ON {table}", f"DROP FUNCTION IF EXISTS {name}()"]
    return [f"DROP TRIGGER IF EXISTS {name}"]


def guard() -> None:
    """Make the triggers once all tables that they read are there."""
    for table, name, found, message in GUARDS:
        for dialect in ("postgresql", "sqlite"):
            for statement in statements(dialect, table, name, found, message):
                event.listen(Base.metadata, "after_create", _ddl(statement, dialect))
            for statement in drop_statements(dialect, table, name):
                event.listen(Base.metadata, "before_drop", _ddl(statement, dialect))


def _ddl(statement: str, dialect: str) -> DDL:
    ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return ddl.execute_if(dialect=dialect)
