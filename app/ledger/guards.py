"""The database's own guarantee that nothing is sold twice: triggers and constraints of the ledger, the only SQL here that is
written twice.

Each guard has a name, so that a test can take it away and see what happens then. A claim stands as it was made and ends once:
what it takes is judged when it is inserted, and only then. It first UPDATES its capacity row: concurrent writers meet there at
every isolation level (a lock without an update does not hold under REPEATABLE READ; a sum without either, never). PostgreSQL
functions are SECURITY DEFINER with a pinned search path: under row-level security an invoker sees only its own rows.
"""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

from app.db.clock import ON_SQLITE

# What never changes of a claim; `state` and `updated_at` do, once.
STANDING = (
    "id",
    "ref",
    "asset_id",
    "dimension",
    "kind",
    "slot",
    "amount_milli",
    "starts",
    "ends",
    "listing_id",
    "organisation_id",
    "holder_type",
    "holder_ref",
    "note",
    "equipment",
    "expires_at",
    "created_at",
)
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in STANDING) for row in ("OLD", "NEW"))
GUARDED_KINDS = "('held','pending','committed')"

# The highest sum of active claims of one dimension inside a window. At equal days an end (negative) goes before a start.
_PEAK = """
    SELECT COALESCE(MAX(running), 0) FROM (
        SELECT SUM(delta) OVER (ORDER BY day, delta) AS running FROM (
            SELECT starts AS day, amount_milli AS delta FROM claim
             WHERE asset_id = {row}.asset_id AND dimension = {row}.dimension AND state = 'active' {window}
            UNION ALL
            SELECT ends, -amount_milli FROM claim
             WHERE asset_id = {row}.asset_id AND dimension = {row}.dimension AND state = 'active' {window}
        ) AS edges
    ) AS profile"""
_IN_WINDOW = "AND starts < {row}.ends AND ends > {row}.starts"


def _peak(row: str, *, windowed: bool) -> str:
    """The peak over the claim's own window. Claims that reach over its edges count whole: they overlap the window, and a sum
    of claims outside it can only be one that their own checks allowed."""
    return _PEAK.format(row=row, window=_IN_WINDOW.format(row=row) if windowed else "")


_POSTGRESQL = {
    "claim_fits": (
        f"""CREATE FUNCTION ledger_claim_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
DECLARE total bigint; dimension_sort text;
BEGIN
    UPDATE capacity SET version = version + 1 WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension
        RETURNING total_milli, sort INTO STRICT total, dimension_sort;
    IF (dimension_sort = 'slots') <> (NEW.slot IS NOT NULL) THEN
        RAISE EXCEPTION 'ledger: a slots dimension takes slots, a quantity takes an amount' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_sort';
    END IF;
    IF dimension_sort = 'slots' THEN
        IF NEW.slot > total / 1000 THEN
            RAISE EXCEPTION 'ledger: there is no such slot' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_slot_exists';
        END IF;
        RETURN NULL;
    END IF;
    IF ({_peak("NEW", windowed=True)}) > total THEN
        RAISE EXCEPTION 'ledger: more than the total is claimed' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_fits';
    END IF;
    RETURN NULL;
END $guard$""",
        """CREATE TRIGGER ledger_claim_fits AFTER INSERT ON claim FOR EACH ROW WHEN (NEW.state = 'active')
EXECUTE FUNCTION ledger_claim_fits()""",
    ),
    "slot_once": (
        """ALTER TABLE claim ADD CONSTRAINT ex_claim_slot_once EXCLUDE USING gist
(asset_id WITH =, dimension WITH =, slot WITH =, daterange(starts, ends) WITH &&) WHERE (state = 'active' AND slot IS NOT NULL)""",
    ),
    "total_covers": (
        f"""CREATE FUNCTION ledger_total_covers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF NEW.sort <> OLD.sort AND EXISTS (SELECT FROM claim
            WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active') THEN
        RAISE EXCEPTION 'ledger: a claimed dimension keeps its sort' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_sort_kept';
    END IF;
    IF NEW.sort = 'slots' AND EXISTS (SELECT FROM claim
            WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND slot > NEW.total_milli / 1000) THEN
        RAISE EXCEPTION 'ledger: a slot above the new total is claimed' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_covers';
    END IF;
    IF NEW.sort = 'quantity' AND ({_peak("NEW", windowed=False)}) > NEW.total_milli THEN
        RAISE EXCEPTION 'ledger: more than the new total is claimed' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_covers';
    END IF;
    RETURN NULL;
END $guard$""",
        """CREATE TRIGGER ledger_total_covers AFTER UPDATE OF total_milli, sort ON capacity FOR EACH ROW
EXECUTE FUNCTION ledger_total_covers()""",
    ),
    "capacity_kept": (
        f"""CREATE FUNCTION ledger_capacity_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $guard$
BEGIN
    IF EXISTS (SELECT FROM claim WHERE asset_id = OLD.asset_id AND dimension = OLD.dimension AND state = 'active' AND kind IN {GUARDED_KINDS}) THEN
        RAISE EXCEPTION 'ledger: somebody holds this capacity' USING ERRCODE = '23514', CONSTRAINT = 'ck_capacity_kept';
    END IF;
    RETURN OLD;
END $guard$""",
        "CREATE TRIGGER ledger_capacity_kept BEFORE DELETE ON capacity FOR EACH ROW EXECUTE FUNCTION ledger_capacity_kept()",
    ),
    "claim_stands": (
        f"""CREATE FUNCTION ledger_claim_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    IF OLD.state <> 'active' THEN
        RAISE EXCEPTION 'ledger: a claim ends once' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_ends_once';
    END IF;
    IF ({_NEW}) IS DISTINCT FROM ({_OLD}) THEN
        RAISE EXCEPTION 'ledger: a claim stands as it was made' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_stands';
    END IF;
    RETURN NEW;
END $guard$""",
        "CREATE TRIGGER ledger_claim_stands BEFORE UPDATE ON claim FOR EACH ROW EXECUTE FUNCTION ledger_claim_stands()",
    ),
    "hold_clock": (
        """CREATE FUNCTION ledger_hold_clock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $guard$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'active' AND NEW.expires_at <= database_now() THEN
        RAISE EXCEPTION 'ledger: the hold is over before it begins' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_hold_begins';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'expired' AND NEW.expires_at > database_now() THEN
        RAISE EXCEPTION 'ledger: the hold is not over yet' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_hold_lasts';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = 'converted' AND NEW.expires_at <= database_now() THEN
        RAISE EXCEPTION 'ledger: the hold is over' USING ERRCODE = '23514', CONSTRAINT = 'ck_claim_hold_over';
    END IF;
    RETURN NEW;
END $guard$""",
        """CREATE TRIGGER ledger_hold_clock BEFORE INSERT OR UPDATE ON claim FOR EACH ROW WHEN (NEW.kind = 'held')
EXECUTE FUNCTION ledger_hold_clock()""",
    ),
}

_POSTGRESQL_DROP = {
    "claim_fits": ("DROP TRIGGER IF EXISTS ledger_claim_fits ON claim", "DROP FUNCTION IF EXISTS ledger_claim_fits()"),
    "slot_once": ("ALTER TABLE claim DROP CONSTRAINT IF EXISTS ex_claim_slot_once",),
    "total_covers": ("DROP TRIGGER IF EXISTS ledger_total_covers ON capacity", "DROP FUNCTION IF EXISTS ledger_total_covers()"),
    "capacity_kept": (
        "DROP TRIGGER IF EXISTS ledger_capacity_kept ON capacity",
        "DROP FUNCTION IF EXISTS ledger_capacity_kept()",
    ),
    "claim_stands": ("DROP TRIGGER IF EXISTS ledger_claim_stands ON claim", "DROP FUNCTION IF EXISTS ledger_claim_stands()"),
    "hold_clock": ("DROP TRIGGER IF EXISTS ledger_hold_clock ON claim", "DROP FUNCTION IF EXISTS ledger_hold_clock()"),
}

_CAPACITY_OF_NEW = "FROM capacity WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension"


_SQLITE = {
    "claim_fits": (
        f"""CREATE TRIGGER ledger_claim_fits AFTER INSERT ON claim WHEN NEW.state = 'active' BEGIN
    UPDATE capacity SET version = version + 1 WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension;
    SELECT RAISE(ABORT, 'ledger: a slots dimension takes slots, a quantity takes an amount')
     WHERE (SELECT sort {_CAPACITY_OF_NEW}) = CASE WHEN NEW.slot IS NULL THEN 'slots' ELSE 'quantity' END;
    SELECT RAISE(ABORT, 'ledger: there is no such slot')
     WHERE NEW.slot IS NOT NULL AND NEW.slot > (SELECT total_milli / 1000 {_CAPACITY_OF_NEW});
    SELECT RAISE(ABORT, 'ledger: more than the total is claimed')
     WHERE NEW.slot IS NULL AND ({_peak("NEW", windowed=True)}) > (SELECT total_milli {_CAPACITY_OF_NEW});
END""",
    ),
    "slot_once": (
        """CREATE TRIGGER ledger_slot_once AFTER INSERT ON claim WHEN NEW.state = 'active' AND NEW.slot IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'ledger: the slot is taken')
     WHERE EXISTS (SELECT 1 FROM claim WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND slot = NEW.slot
                   AND state = 'active' AND id <> NEW.id AND starts < NEW.ends AND ends > NEW.starts);
END""",
    ),
    "total_covers": (
        f"""CREATE TRIGGER ledger_total_covers AFTER UPDATE OF total_milli, sort ON capacity BEGIN
    SELECT RAISE(ABORT, 'ledger: a claimed dimension keeps its sort')
     WHERE NEW.sort <> OLD.sort AND EXISTS (SELECT 1 FROM claim
        WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active');
    SELECT RAISE(ABORT, 'ledger: a slot above the new total is claimed')
     WHERE NEW.sort = 'slots' AND EXISTS (SELECT 1 FROM claim
        WHERE asset_id = NEW.asset_id AND dimension = NEW.dimension AND state = 'active' AND slot > NEW.total_milli / 1000);
    SELECT RAISE(ABORT, 'ledger: more than the new total is claimed')
     WHERE NEW.sort = 'quantity' AND ({_peak("NEW", windowed=False)}) > NEW.total_milli;
END""",
    ),
    "capacity_kept": (
        f"""CREATE TRIGGER ledger_capacity_kept BEFORE DELETE ON capacity BEGIN
    SELECT RAISE(ABORT, 'ledger: somebody holds this capacity')
     WHERE EXISTS (SELECT 1 FROM claim WHERE asset_id = OLD.asset_id AND dimension = OLD.dimension
                   AND state = 'active' AND kind IN {GUARDED_KINDS});
END""",
    ),
    "claim_stands": (
        f"""CREATE TRIGGER ledger_claim_stands BEFORE UPDATE ON claim BEGIN
    SELECT RAISE(ABORT, 'ledger: a claim ends once') WHERE OLD.state <> 'active';
    SELECT RAISE(ABORT, 'ledger: a claim stands as it was made') WHERE ({_NEW}) IS NOT ({_OLD});
END""",
    ),
    "hold_clock": (
        f"""CREATE TRIGGER ledger_hold_clock_insert BEFORE INSERT ON claim WHEN NEW.kind = 'held' AND NEW.state = 'active' BEGIN
    SELECT RAISE(ABORT, 'ledger: the hold is over before it begins') WHERE NEW.expires_at <= {ON_SQLITE};
END""",
        f"""CREATE TRIGGER ledger_hold_clock_update BEFORE UPDATE ON claim WHEN NEW.kind = 'held' BEGIN
    SELECT RAISE(ABORT, 'ledger: the hold is not over yet') WHERE NEW.state = 'expired' AND NEW.expires_at > {ON_SQLITE};
    SELECT RAISE(ABORT, 'ledger: the hold is over') WHERE NEW.state = 'converted' AND NEW.expires_at <= {ON_SQLITE};
END""",
    ),
}

_SQLITE_DROP = {
    "claim_fits": ("DROP TRIGGER IF EXISTS ledger_claim_fits",),
    "slot_once": ("DROP TRIGGER IF EXISTS ledger_slot_once",),
    "total_covers": ("DROP TRIGGER IF EXISTS ledger_total_covers",),
    "capacity_kept": ("DROP TRIGGER IF EXISTS ledger_capacity_kept",),
    "claim_stands": ("DROP TRIGGER IF EXISTS ledger_claim_stands",),
    "hold_clock": ("DROP TRIGGER IF EXISTS ledger_hold_clock_insert", "DROP TRIGGER IF EXISTS ledger_hold_clock_update"),
}

GUARDS = tuple(_POSTGRESQL)


def statements(dialect: str, guard: str | None = None) -> list[str]:
    """The DDL of every guard, or of one: for table creation, and for migrations that rebuild a table."""
    source = _POSTGRESQL if dialect == "postgresql" else _SQLITE
    return [statement for name in GUARDS if guard in (None, name) for statement in source[name]]


def drop_statements(dialect: str, guard: str | None = None) -> list[str]:
    """Undo `statements`."""
    source = _POSTGRESQL_DROP if dialect == "postgresql" else _SQLITE_DROP
    return [statement for name in GUARDS if guard in (None, name) for statement in source[name]]


def _ddl(statement: str, dialect: str) -> DDL:
    ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return ddl.execute_if(dialect=dialect)


def attach(claim: Table) -> None:
    """Create the guards with the table that is made last (`claim` refers to `capacity`), and drop them before it."""
    for dialect in ("postgresql", "sqlite"):
        for statement in statements(dialect):
            event.listen(claim, "after_create", _ddl(statement, dialect))
        for statement in drop_statements(dialect):
            event.listen(claim, "before_drop", _ddl(statement, dialect))
