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
COMMITTED = {status: {"committed"} for status in ("in_force", "make_ready", "installed", "accepted", "ended")}
CLAIMS_OF: dict[str, set[str]] = COMMITTED | {"submitted": {"pending"}, "refused": set(), "withdrawn": set(), "amended": set()}


def fingerprint(bus: Bus) -> dict[str, str]:
    """Table → hash of all its rows."""
    names = sorted(set(Base.metadata.tables) - set(ASIDE))
    with bus.database.read() as session:
        connection = session.connection()
        if not bus.database.is_sqlite:  # one question for all of them
            one = "SELECT '{0}', md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM \"{0}\" t"
            return {
                str(name): str(found) for name, found in connection.exec_driver_sql(" UNION ALL ".join(map(one.format, names)))
            }
        rows = {name: connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall() for name in names}
    return {
        name: hashlib.sha256("\n".join(sorted(map(repr, map(tuple, found)))).encode()).hexdigest() for name, found in rows.items()
    }


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
