"""Deadlines keep the rule they were made by, every change of theirs, and the years of the calendars they were counted by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.base import BigId, Json, UtcDateTime
from app.deadlines.guards import TABLES, drop_statements, statements
from app.kernel.ids import new_ref

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ADDED: dict[str, tuple[Any, str]] = {
    "profile_version": (sa.String(length=12), ""),
    "terms": (Json, "{}"),
    "concerned": (Json, "[]"),
    "years": (Json, "{}"),
}


def upgrade() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("calendar", sa.String(length=40), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("days", Json, nullable=False),
        sa.Column("citation", sa.String(length=300), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint("source IN ('package','computed','file')", name=op.f("ck_calendar_year_source")),
        sa.CheckConstraint("provisional = (source = 'computed')", name=op.f("ck_calendar_year_provisional")),
        sa.CheckConstraint("year BETWEEN 1900 AND 2200", name=op.f("ck_calendar_year_year")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_calendar_year_recorded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_year")),
        sa.UniqueConstraint("ref", name=op.f("uq_calendar_year_ref")),
    )
    op.create_index("uq_calendar_year_number", "calendar_year", ["calendar", "year", "number"], unique=True)
    op.create_table(
        "deadline_entry",
        sa.Column("deadline_id", BigId, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("derivation", Json, nullable=False),
        sa.Column("pauses", Json, nullable=False),
        sa.Column("years", Json, nullable=False),
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("ref", sa.String(length=13), nullable=False),
        sa.CheckConstraint(
            "act IN ('started','paused','resumed','recounted','met','passed')", name=op.f("ck_deadline_entry_act")
        ),
        sa.CheckConstraint("status IN ('running','paused','met','passed')", name=op.f("ck_deadline_entry_status")),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_entry_deadline_id_deadline")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_entry")),
        sa.UniqueConstraint("ref", name=op.f("uq_deadline_entry_ref")),
    )
    op.create_index("uq_deadline_entry_number", "deadline_entry", ["deadline_id", "number"], unique=True)
    for name, (sort, value) in ADDED.items():
        op.add_column("deadline", sa.Column(name, sort, nullable=False, server_default=sa.text(f"'{value}'")))
    _carry()
    for table in TABLES:
        for statement in statements(op.get_bind().dialect.name, table):
            op.execute(sa.text(statement))


def _carry() -> None:
    """Clocks that run already: the rule as it ships with this version, and one entry of how each stands."""
    bind = op.get_bind()
    deadline = sa.Table("deadline", sa.MetaData(), autoload_with=bind, resolve_fks=False)
    typed = {name: sa.type_coerce(deadline.c[name], Json).label(name) for name in ("derivation", "pauses")}
    times = {name: sa.type_coerce(deadline.c[name], UtcDateTime()).label(name) for name in ("created_at", "updated_at", "due_at")}
    plain = [deadline.c[name] for name in ("id", "profile", "rule", "status", "due_on", "provisional", "organisation_id")]
    rows = bind.execute(sa.select(*plain, *typed.values(), *times.values())).mappings().all()
    entry = sa.table(
        "deadline_entry",
        *(sa.column(name) for name in ("ref", "deadline_id", "number", "act", "status", "due_on", "provisional")),
        *(sa.column(name, UtcDateTime()) for name in ("at", "due_at")),
        *(sa.column(name, Json) for name in ("derivation", "pauses", "years")),
    )
    target = sa.table("deadline", sa.column("id"), sa.column("terms", Json), sa.column("concerned", Json))
    acts = {"running": "started", "paused": "paused", "met": "met", "passed": "passed"}
    for row in rows:
        from app.catalogue.profiles import get_profile
        from app.deadlines.terms import terms_of

        profile = get_profile(row["profile"])
        clock = profile.clock(row["rule"])
        terms = terms_of(profile, clock) if clock else {}
        bind.execute(sa.update(target).where(target.c.id == row["id"]).values(terms=terms, concerned=[row["organisation_id"]]))
        bind.execute(
            sa.insert(entry).values(
                ref=new_ref(),
                deadline_id=row["id"],
                number=1,
                act=acts[row["status"]],
                at=row["updated_at"] or row["created_at"],
                status=row["status"],
                due_on=row["due_on"],
                due_at=row["due_at"],
                provisional=row["provisional"],
                derivation=row["derivation"],
                pauses=row["pauses"],
                years={},
            )
        )


def downgrade() -> None:
    for table in TABLES:
        for statement in drop_statements(op.get_bind().dialect.name, table):
            op.execute(sa.text(statement))
    for name in ADDED:
        op.drop_column("deadline", name)
    op.drop_table("deadline_entry")
    op.drop_table("calendar_year")
