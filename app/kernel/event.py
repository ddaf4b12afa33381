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


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, on both sides: the `before` and `after` of an event."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
