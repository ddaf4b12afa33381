"""What happens when a clock passes, or its date moves: each feature registers the declared outcomes of its subjects, and what
follows a date.

A handler runs inside the transaction in which the clock passes or moves, and the change that it makes is told in the same event:
one change, one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.catalogue.clock_words import OUTCOMES
from app.db.work import UnitOfWork
from app.deadlines.models import Deadline
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Effect:
    """What the outcome changed: fields before and after, who is told besides, and facts for subscribers. `instead`: what happens now,
    where that is not what the rule says."""

    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    concerned: tuple[int, ...] = ()
    region: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    instead: Text | None = None


NOBODY_ABOVE = Text(
    "Nobody on a higher level is registered: it stays where it is, and the silence is on record.",
    "平台上没有登记可移交的上一级主管部门：仍由原部门办理，逾期记录在案。",
)
Handler = Callable[[UnitOfWork, Deadline], Effect]
NOTHING = Effect()
_HANDLERS: dict[tuple[str, str], Handler] = {}
_MOVES: dict[str, Handler] = {}


def register_outcome(subject_type: str, outcome: str, handler: Handler) -> None:
    """Let clocks on subjects of a type end so; again with the same handler changes nothing."""
    if outcome not in OUTCOMES:
        raise ValueError(f"undeclared outcome {outcome}")
    if _HANDLERS.get((subject_type, outcome), handler) is not handler:
        raise ValueError(f"{outcome} of {subject_type} is registered twice")
    _HANDLERS[(subject_type, outcome)] = handler


def carry_out(work: UnitOfWork, row: Deadline, outcome: str) -> Effect:
    """Do what the rule says happens now. `record` changes nothing but the record."""
    handler = _HANDLERS.get((row.subject_type, outcome))
    return handler(work, row) if handler else NOTHING


def register_move(subject_type: str, handler: Handler) -> None:
    """Let what hangs on the dates of a subject's clocks follow them; again with the same handler changes nothing."""
    if _MOVES.setdefault(subject_type, handler) is not handler:
        raise ValueError(f"what follows the dates of {subject_type} is registered twice")


def follow(work: UnitOfWork, row: Deadline) -> Effect:
    """The date of a clock moved: let what hangs on it follow."""
    handler = _MOVES.get(row.subject_type)
    return handler(work, row) if handler else NOTHING
