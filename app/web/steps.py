"""The life of a thing as steps for the head of its page: what is done, where it stands, what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.text import Text
from app.web.i18n import current_locale


@dataclass(frozen=True, slots=True)
class LifeStep:
    """state: done, current, failed, todo."""

    label: str
    state: str


def life_steps(labels: Sequence[Text], place: int, *, failed: bool = False) -> list[LifeStep]:
    """The steps in the language of the reader. `place`: which is current (past the last: all are done); `failed`: it ended there."""
    locale = current_locale()
    return [LifeStep(label.in_(locale), _state(n, place, failed)) for n, label in enumerate(labels)]


def _state(number: int, place: int, failed: bool) -> str:
    if number != place:
        return "done" if number < place else "todo"
    return "failed" if failed else "current"
