"""The hash of a record: SHA-256 over its canonical JSON, with the hash of the record before it in the same chain. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
PLATFORM = "platform"  # the chain of system acts and of people without an organisation
FIELDS = (
    "ref",
    "chain",
    "position",
    "prev_hash",
    "action",
    "subject_type",
    "subject_ref",
    "user_id",
    "user_name",
    "organisation_id",
    "organisation_name",
    "organisation_name_zh",
    "agent_id",
    "agent_name",
    "agent_name_zh",
    "concerned",
    "before",
    "after",
    "request_id",
    "effective_at",
)
RECORDED_AT = "recorded_at"  # hashed where it is kept: records of before it have none


def stored_instant(instant: datetime) -> str:
    """The timestamp as both databases keep it: UTC, to the microsecond."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Sorted keys, no blanks, UTF-8: one way only to write the same record."""
    plain = {name: stored_instant(value) if isinstance(value, datetime) else value for name, value in facts.items()}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def record_hash(facts: Mapping[str, Any]) -> str:
    """The hash of a record's `FIELDS`."""
    names = FIELDS if facts.get(RECORDED_AT) is None else (*FIELDS, RECORDED_AT)
    return hashlib.sha256(canonical({name: facts[name] for name in names})).hexdigest()


def json_ready(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a JSON column gives back for `values`: the form that is hashed and the form that is kept are one."""
    written: dict[str, Any] = json.loads(json.dumps(dict(values), default=str, allow_nan=False))
    return written
