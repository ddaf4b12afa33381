"""What waits for an organisation: the tasks that features bring to the inbox.

A feature's `waiting.py` has `WAITING`, a list of functions of a Reader that yield what waits for the organisations that the reader acts
for, light rows without texts of the page. It declares its kinds of task with `task_kind`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from app.db.work import Reader
from app.kernel.actor import Role
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class TaskKind:
    """`roles`: who may do it, and so take it. `together`: the act of the jurisdiction's profile by which several may be done at once;
    None: one by one."""

    code: str
    label: Text
    roles: frozenset[Role]
    together: str | None = None


KINDS: dict[str, TaskKind] = {}


def task_kind(code: str, label: Text, roles: frozenset[Role], together: str | None = None) -> TaskKind:
    """Declare a kind of task once."""
    made = TaskKind(code, label, roles, together)
    if KINDS.setdefault(code, made) != made:
        raise ValueError(f"kind of task {code} is declared twice")
    return made


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `organisation_id`: for whom; `other_id`: on the other side. `rules`: the clocks of the subject that it is
    done against; `due_on`: the day by which, where no clock says it, and `why`: by which fact. `officer_id`: whose case it is, where
    its feature keeps that itself. `not_by`: the person who must not do it. `content_hash`: of what is decided on. `at`: the subject
    whose page it is done on, where that is another."""

    kind: TaskKind
    subject_type: str
    subject_ref: str
    title: str
    organisation_id: int
    since: datetime
    region: str | None = None
    other_id: int | None = None
    rules: tuple[str, ...] = ()
    due_on: date | None = None
    why: Text | None = None
    officer_id: int | None = None
    not_by: int | None = None
    profile: str | None = None
    version: int | None = None
    content_hash: str | None = None
    at: tuple[str, str] | None = None


Source = Callable[[Reader], Iterable[Waiting]]
