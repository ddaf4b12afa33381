"""What happened, said once: the audit row, the notices and the re-matching are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A change of state that was made. `action` is past tense and dotted: `listing.published`.

    `organisation_ids`: who is concerned and may be told. `before`/`after`: the changed fields, JSON-ready.
    `region`: where, for the administrations that watch it. `data`: facts for subscribers, not for the record."""

    action: str
    subject_type: str
    subject_ref: str
    organisation_ids: tuple[int, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
