"""Every committed change of what matching reads, in the order in which it became visible: the outbox of the live index.

Triggers write it, so that no path around the use cases (an import, a bulk update, a cascade) can forget to. Numbers of rows are
not commit order on PostgreSQL: a reader keeps the snapshot that it has seen and asks for what that one could not see. On SQLite
writers come one at a time, and the number is the order.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import DDL, BigInteger, Index, String, Table, delete, event, func, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts import Organisation
from app.assets import Asset
from app.db.base import Base, BigId
from app.ledger import Capacity, Claim
from app.listings import Listing
from app.needs import Need

KEPT = 200_000  # rows; a reader that is farther behind starts anew
THIS_TRANSACTION = "SELECT pg_current_xact_id()::text::bigint"
OPEN = "('published', 'matched')"
NEED_COLUMNS = (
    "kind, organisation_id, geom, radius_m, budget_minor, currency, quantity, quantity_outstanding, "
    "window_start, window_end, requirements"
)
LISTING_COLUMNS = "kind, asset_id, owner_id, geom, face_geom, offered, window_start, window_end, price_minor, currency, status"


class MatchChange(Base):
    """`subject`: listing, need, asset or organisation, and its id. `xid`: the transaction that changed it (PostgreSQL)."""

    __tablename__ = "match_change"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(String(12))
    row_id: Mapped[int] = mapped_column(BigInteger)
    xid: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_match_change_xid", "xid"), {"sqlite_autoincrement": True})


# (name, subject, column of its id, event, condition)
WATCHED = (
    ("listing_new", "listing", "id", "INSERT ON listing", ""),
    ("listing_gone", "listing", "id", "DELETE ON listing", ""),
    ("listing", "listing", "id", f"UPDATE OF {LISTING_COLUMNS} ON listing", ""),
    ("need_new", "need", "id", "INSERT ON need", ""),
    ("need_gone", "need", "id", "DELETE ON need", ""),
    ("need", "need", "id", f"UPDATE OF {NEED_COLUMNS} ON need", ""),
    ("need_status", "need", "id", "UPDATE OF status ON need", f"(NEW.status IN {OPEN}) <> (OLD.status IN {OPEN})"),
    ("asset", "asset", "id", "UPDATE OF attributes ON asset", ""),
    ("capacity_new", "asset", "asset_id", "INSERT ON capacity", ""),
    ("capacity_gone", "asset", "asset_id", "DELETE ON capacity", ""),
    ("capacity", "asset", "asset_id", "UPDATE OF total_milli ON capacity", ""),
    ("claim_new", "asset", "asset_id", "INSERT ON claim", ""),
    ("claim_gone", "asset", "asset_id", "DELETE ON claim", ""),
    ("claim", "asset", "asset_id", "UPDATE OF state ON claim", ""),
    ("organisation", "organisation", "id", "UPDATE OF parent_id, profile ON organisation", ""),
)


def statements(dialect: str) -> list[str]:
    """The DDL of the triggers on one engine."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER match_notes_{name} AFTER {when}{f' WHEN {condition}' if condition else ''} BEGIN "
            f"INSERT INTO match_change (subject, row_id) VALUES ('{subject}', {_row(when)}.{column}); END"
            for name, subject, column, when, condition in WATCHED
        ]
    functions = [
        f"CREATE FUNCTION match_note_{column}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = public, pg_temp AS $note$ BEGIN INSERT INTO match_change (subject, row_id, xid) VALUES (TG_ARGV[0], "
        f"CASE WHEN TG_OP = 'DELETE' THEN OLD.{column} ELSE NEW.{column} END, pg_current_xact_id()::text::bigint); "
        "RETURN NULL; END $note$"
        for column in ("id", "asset_id")
    ]
    return functions + [
        f"CREATE TRIGGER match_notes_{name} AFTER {when} FOR EACH ROW {f'WHEN ({condition}) ' if condition else ''}"
        f"EXECUTE FUNCTION match_note_{column}('{subject}')"
        for name, subject, column, when, condition in WATCHED
    ]


def drop_statements(dialect: str) -> list[str]:
    """Undo `statements`."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS match_notes_{name}" for name, *_ in WATCHED]
    triggers = [f"DROP TRIGGER IF EXISTS match_notes_{name} ON {when.split()[-1]}" for name, _, _, when, _ in WATCHED]
    return triggers + [f"DROP FUNCTION IF EXISTS match_note_{column}()" for column in ("id", "asset_id")]


def _row(when: str) -> str:
    return "OLD" if when.startswith("DELETE") else "NEW"


def attach(changes: Table) -> None:
    """Create the triggers once every table that they watch is there, and drop them before."""
    for model in (Organisation, Asset, Capacity, Claim, Listing, Need):
        changes.add_is_dependent_on(model.__table__)  # type: ignore[arg-type]
    for dialect in ("postgresql", "sqlite"):
        for moment, written in (("after_create", statements(dialect)), ("before_drop", drop_statements(dialect))):
            for statement in written:
                event.listen(changes, moment, DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


attach(MatchChange.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has seen: everything committed before it looked. `sequence`: the highest change among that;
    `snapshot`: what PostgreSQL calls it."""

    sequence: int
    snapshot: str = ""


def position(session: Session) -> Position:
    """Where the session's snapshot stands. To be called in `Database.snapshot()`."""
    sequence = session.scalar(select(func.max(MatchChange.id))) or 0
    if session.get_bind().dialect.name == "sqlite":
        return Position(sequence)
    return Position(sequence, str(session.scalar(text("SELECT pg_current_snapshot()::text"))))


def since(session: Session, seen: Position) -> set[tuple[str, int]] | None:
    """(subject, row) of every change that became visible after `seen`; None when too much of it is no longer kept."""
    first = session.scalar(select(func.min(MatchChange.id)))
    if first is not None and first > seen.sequence + 1 and seen.sequence > 0:
        return None
    statement = select(MatchChange.subject, MatchChange.row_id).distinct()
    if session.get_bind().dialect.name == "sqlite":
        statement = statement.where(MatchChange.id > seen.sequence)
    else:
        statement = statement.where(
            text(
                "xid >= pg_snapshot_xmin(CAST(:seen AS pg_snapshot))::text::bigint "
                "AND NOT pg_visible_in_snapshot(xid::text::xid8, CAST(:seen AS pg_snapshot))"
            ).bindparams(seen=seen.snapshot)
        )
    return {(subject, row) for subject, row in session.execute(statement)}


def note_again(session: Session, changes: Collection[tuple[str, int]]) -> None:
    """Say once more that these have changed: an answer was stored that may be older than somebody's."""
    if changes:
        xid = None if session.get_bind().dialect.name == "sqlite" else int(session.scalar(text(THIS_TRANSACTION)) or 0)
        session.execute(insert(MatchChange), [{"subject": s, "row_id": row, "xid": xid} for s, row in sorted(changes)])


def trim(session: Session) -> None:
    """Forget what no reader that keeps up still asks for."""
    newest = session.scalar(select(func.max(MatchChange.id))) or 0
    session.execute(delete(MatchChange).where(MatchChange.id <= newest - KEPT))
