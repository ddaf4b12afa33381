"""Signed heads: the end of every chain, day by day, in a file that leaves the database. A tail that is cut off, or a chain that is written
anew, still looks whole by itself; against a head that was published before, it does not.

One JSON object a line, each naming the hash of the line before it. Owns the file alone, no row.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.chain import GENESIS, canonical, stored_instant
from app.audit.models import AuditRecord
from app.audit.signing import is_signed, sign_with

DAILY_S = 24 * 3600.0
PUBLISH = "audit.publish_heads"
NOTED = "heads.published"  # the record of a line of the file, without which the file's own end could be cut off


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain."""

    chain: str
    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Published:
    """One line of the file. `digest`: its hash. `fault`: why it cannot be relied on, None when it can."""

    line: int
    digest: str
    heads: Sequence[Head]
    whole: dict[str, Any]
    fault: str | None = None


def heads_of(session: Session) -> list[Head]:
    """The end of every chain now."""
    last = select(AuditRecord.chain, func.max(AuditRecord.position).label("position")).group_by(AuditRecord.chain).subquery()
    rows = session.execute(
        select(AuditRecord.chain, AuditRecord.position, AuditRecord.hash)
        .join(last, (last.c.chain == AuditRecord.chain) & (last.c.position == AuditRecord.position))
        .order_by(AuditRecord.chain)
    )
    return [Head(row.chain, row.position, row.hash) for row in rows]


def signed_head(heads: Sequence[Head], at: datetime, previous: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A statement of the heads, signed: what is signed is its canonical JSON without the signature."""
    said = {
        "published_at": stored_instant(at),
        "previous": previous,
        "heads": [{"chain": head.chain, "position": head.position, "hash": head.hash} for head in heads],
    }
    return sign_with(key, said)


def publish(path: Path, heads: Sequence[Head], at: datetime, key: Ed25519PrivateKey) -> Published:
    """Append the signed heads to the file, on the disk before this returns; the line that was made. Writers come one at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        lines, torn = _lines(file.read())
        made = signed_head(heads, at, _digest(lines[-1]) if lines else GENESIS, key)
        line = canonical(made)
        file.write((b"\n" if torn else b"") + line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return Published(len(lines) + 1, _digest(line), tuple(heads), made)


def _lines(whole: bytes) -> tuple[list[bytes], bool]:
    """The lines, and whether the last one was never ended: a line that was being written when the disk was full."""
    *lines, rest = whole.split(b"\n")
    return ([*lines, rest], True) if rest else (lines, False)


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def read_published(path: Path, public: str) -> list[Published]:
    """Every line of the file, judged: its own form, the line before it, and the signature of the installation's key."""
    if not path.exists():
        return []
    found: list[Published] = []
    previous = GENESIS
    lines, torn = _lines(path.read_bytes())
    for number, line in enumerate(lines, start=1):
        found.append(_judged(number, line, previous, public))
        previous = _digest(line)
    if torn:
        found[-1] = Published(len(lines), previous, (), {}, "heads_changed")
    return found


def _judged(number: int, line: bytes, previous: str, public: str) -> Published:
    try:
        whole: dict[str, Any] = json.loads(line)
        heads = [Head(head["chain"], head["position"], head["hash"]) for head in whole["heads"]]
        unsigned = {name: value for name, value in whole.items() if name != "signature"}
        fault = None
        if canonical(whole) != line or whole["previous"] != previous:
            fault = "heads_changed"
        elif whole["key"] != public or not is_signed(public, whole["signature"], canonical(unsigned)):
            fault = "signature"
    except (ValueError, KeyError, TypeError):
        return Published(number, _digest(line), (), {}, "heads_changed")
    return Published(number, _digest(line), heads, whole, fault)
