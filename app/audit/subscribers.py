"""One record of each event, in the event's own transaction, at the end of the acting organisation's chain."""

from __future__ import annotations

import hashlib

from sqlalchemy import select, text

from app.audit.chain import GENESIS, PLATFORM, json_ready, record_hash
from app.audit.models import AuditRecord
from app.db.work import UnitOfWork
from app.kernel.event import Event
from app.kernel.ids import new_ref


def record(work: UnitOfWork, event: Event) -> None:
    """Append the event. On PostgreSQL an advisory lock keeps the chain from forking; on SQLite writers come one at a time."""
    actor = work.actor
    chain = actor.organisation_ref or PLATFORM
    _hold(work, chain)
    tail = work.session.execute(
        select(AuditRecord.position, AuditRecord.hash)
        .where(AuditRecord.chain == chain)
        .order_by(AuditRecord.position.desc())
        .limit(1)
    ).one_or_none()
    position, prev_hash = (tail.position + 1, tail.hash) if tail else (1, GENESIS)
    facts = {
        "ref": new_ref(),
        "chain": chain,
        "position": position,
        "prev_hash": prev_hash,
        "action": event.action,
        "subject_type": event.subject_type,
        "subject_ref": event.subject_ref,
        "user_id": actor.user_id,
        "user_name": actor.name,
        "organisation_id": actor.organisation_id,
        "organisation_name": actor.organisation_name,
        "organisation_name_zh": actor.organisation_name_zh,
        "agent_id": actor.agent_id,
        "agent_name": actor.agent_name,
        "agent_name_zh": actor.agent_name_zh,
        "concerned": sorted(set(event.organisation_ids)),
        "before": json_ready(event.before),
        "after": json_ready(event.after),
        "request_id": work.request_id,
        "effective_at": work.now,
        "recorded_at": work.database_now,
    }
    work.session.add(AuditRecord(**facts, hash=record_hash(facts)))
    work.session.flush()


def _hold(work: UnitOfWork, chain: str) -> None:
    if work.session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(f"audit:{chain}".encode()).digest()[:8], "big", signed=True)
        work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


SUBSCRIBERS = [record]
