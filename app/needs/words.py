"""The vocabulary of needs for templates, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.catalogue.kinds import KINDS
from app.kernel.text import Text
from app.needs.checking import LEAST_RADIUS_M, MAX_RADIUS_M
from app.needs.rules import ENTRY, OUTCOMES, PRIORITIES, PURPOSES, ROUND
from app.needs.terms import AUDIENCES, asked_name, stateable, taken_kinds
from app.regions import region_name
from app.web.i18n import current_locale


def options(words: Mapping[str, Text]) -> list[tuple[str, str]]:
    """(value, label) pairs of a select."""
    return [(value, label.in_(current_locale())) for value, label in words.items()]


def need_words() -> dict[str, Any]:
    kinds = KINDS.as_mapping()
    return {
        "entry_states": ENTRY.states,
        "outcomes": OUTCOMES,
        "priorities": PRIORITIES,
        "purposes": PURPOSES,
        "round_states": ROUND.states,
        "region_name": region_name,
        "radius_limits": (int(LEAST_RADIUS_M), int(MAX_RADIUS_M)),
        "audiences": AUDIENCES,
        "asked_name": asked_name,
        "taken_kinds": taken_kinds,
        "stateable": stateable(),
        "kinds": kinds,
        "kind_options": options({name: kind.label for name, kind in kinds.items()}),
        "state_options": options(ENTRY.states),
        "priority_options": options(PRIORITIES),
        "purpose_options": options(PURPOSES),
        "outcome_options": options(OUTCOMES),
        "current_locale": current_locale,
    }
