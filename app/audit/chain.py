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
WRITTEN_WITH_EXPONENT = 1e16  # floats from here on, all of them whole
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
    """What a JSON column gives back for `values`, on either database: the form that is hashed and the form that is kept are one."""
    written: dict[str, Any] = _one_form(json.loads(json.dumps(dict(values), default=str, allow_nan=False)))
    return written


def _one_form(value: Any) -> Any:
    """Names in order, and numbers that both databases write alike: PostgreSQL knows no -0.0, and no exponents."""
    if isinstance(value, dict):
        return {name: _one_form(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_one_form(one) for one in value]
    if isinstance(value, float):
        return int(value) if abs(value) >= WRITTEN_WITH_EXPONENT else value + 0.0
    return value
