"""What must be true after every fault: nothing oversold, records whole, claims as their agreements say; and whether anything
changed at all."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import select

from app.agreements import Agreement
from app.audit.models import AuditRecord
from app.audit.verifying import verify
from app.db.base import Base
from app.db.work import Bus
from app.ledger import Claim
from prove.oracle import judge

ASIDE = ("api_token",)  # when a token was last used
CLAIMS_OF = {"submitted": {"pending"}, "in_force": {"committed"}, "refused": set(), "withdrawn": set()}


def fingerprint(bus: Bus) -> dict[str, str]:
    """Table → hash of all its rows."""
    found = {}
    with bus.database.read() as session:
        for name, table in sorted(Base.metadata.tables.items()):
            if name not in ASIDE:
                rows = session.connection().exec_driver_sql(f"SELECT * FROM {table.name}").fetchall()
                found[name] = hashlib.sha256("\n".join(sorted(map(repr, map(tuple, rows)))).encode()).hexdigest()
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return [name for name in before if before[name] != after[name]]


def records(bus: Bus) -> int:
    with bus.database.read() as session:
        return len(session.scalars(select(AuditRecord.id)).all())


def broken(bus: Bus) -> list[str]:
    """Every invariant that does not hold, in words."""
    said = []
    with bus.database.read() as session:
        raw: Any = session.connection().connection.driver_connection
        verdict = judge(raw, session.get_bind().dialect.name)
        if not verdict.holds:
            said.append(str(verdict))
        said += [f"chain {fault.chain} {fault.kind}" for fault in verify(session).faults]
        kinds: dict[str, set[str]] = {}
        for ref, kind in session.execute(select(Claim.holder_ref, Claim.kind).where(Claim.state == "active")):
            kinds.setdefault(ref, set()).add(kind)
        for agreement in session.scalars(select(Agreement)):
            has = kinds.get(agreement.ref, set())
            if has != CLAIMS_OF.get(agreement.status, has) or not (has <= {"held", "pending", "committed"} and len(has) < 2):
                said.append(f"agreement {agreement.status} has {sorted(has)}")
    return said
