"""Reads of tasks: what waits for the reader's organisations, by when and why, whose it is; filtered, sorted by day, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from app.accounts import OrganisationName, names, people_names
from app.approvals import stands_in_for, substitutes
from app.catalogue.profiles import get_profile
from app.db.work import Reader
from app.deadlines import ClockView, WaitingClock, clocks_by_id, waiting_clocks
from app.kernel.permission import within
from app.regions import region_name
from app.tasks.models import TaskHold
from app.tasks.rules import may_together, state_of
from app.tasks.sources import all_waiting
from app.web.pagination import Ask, Page
from app.web.waiting import TaskKind, Waiting

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """`state`: late, soon, running, paused, open. `holder`: who has it, `stand_in`: who stands in for that person today. `mine`: the
    reader has it, or stands in for who has. `can_do`: by role, and not barred from it as a second pair of eyes. `together`: may be
    done with others at once. `clock`: on a page that was read whole."""

    waiting: Waiting
    state: str
    due_on: date | None
    provisional: bool
    clock_id: int | None
    organisation: OrganisationName | None
    other: OrganisationName | None
    holder_id: int | None
    holder: str | None
    stand_in: str | None
    mine: bool
    can_do: bool
    together: bool
    clock: ClockView | None = None

    @property
    def kind(self) -> TaskKind:
        return self.waiting.kind

    @property
    def ref(self) -> str:
        return self.waiting.subject_ref

    @property
    def name(self) -> str:
        """As forms name it."""
        return f"{self.kind.code}:{self.ref}"

    @property
    def page_of(self) -> tuple[str, str]:
        return self.waiting.at or (self.waiting.subject_type, self.ref)

    @property
    def key(self) -> Key:
        """By day, what has none last, then what waits longest."""
        return (self.due_on is None, self.due_on.isoformat() if self.due_on else "", self.waiting.since.isoformat(), self.name)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """`whose`: all, mine, free. `organisation`: ref of the one that it waits for."""

    whose: str = "all"
    kind: str = ""
    state: str = ""
    region: str = ""
    organisation: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class TaskList:
    """`whose`, `states`: how many there are of each before that filter. `kinds`, `organisations`: those that there are."""

    page: Page[Task]
    whose: Mapping[str, int]
    states: Mapping[str, int]
    kinds: Sequence[TaskKind]
    organisations: Sequence[OrganisationName]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows of one answer share. `holds`: (organisation, kind, subject) → who has it. `mine`: the reader, and whom the
    reader stands in for. `stand_ins`: who stands in for whom today."""

    clocks: Mapping[tuple[str, str, int], Sequence[WaitingClock]]
    holds: Mapping[tuple[int, str, str], int]
    names: Mapping[int, OrganisationName]
    people: Mapping[int, str]
    mine: frozenset[int]
    stand_ins: Mapping[int, int]


def all_tasks(reader: Reader) -> list[Task]:
    """Everything that waits for the reader's organisations, by day."""
    reader.permit("task.list")
    found = list(all_waiting(reader))
    known = _known(reader, found)
    return sorted((_task(reader, one, known) for one in found), key=lambda task: task.key)


def _known(reader: Reader, found: Sequence[Waiting]) -> _Known:
    own = reader.actor.organisation_id or 0
    organisations = {one.organisation_id for one in found}
    clocks: dict[tuple[str, str, int], list[WaitingClock]] = {}
    for clock in waiting_clocks(reader, organisations) if organisations else ():
        clocks.setdefault((clock.subject_type, clock.subject_ref, clock.organisation_id), []).append(clock)
    rows = reader.session.scalars(select(TaskHold).where(TaskHold.organisation_id.in_(organisations)))
    holds = {(row.organisation_id, row.kind, row.subject_ref): row.person_id for row in rows}
    holds |= {_hold(one): one.officer_id for one in found if one.officer_id is not None}
    stand_ins = substitutes(reader, own)
    return _Known(
        clocks,
        holds,
        names(reader.session, organisations | {one.other_id or 0 for one in found}),
        people_names(reader.session, {*holds.values(), *stand_ins.values()}),
        stands_in_for(reader, own) | {reader.actor.user_id or 0},
        stand_ins,
    )


def _hold(one: Waiting) -> tuple[int, str, str]:
    return one.organisation_id, one.kind.code, one.subject_ref


def _task(reader: Reader, one: Waiting, known: _Known) -> Task:
    actor = reader.actor
    running = known.clocks.get((one.subject_type, one.subject_ref, one.organisation_id), ())
    counted = [clock for clock in running if clock.rule in one.rules]
    clock = min(counted, key=lambda c: (c.due_at is None, c.due_at or c.started_at), default=None)
    due_on = clock.due_on if clock is not None else one.due_on
    is_over = clock is not None and clock.due_at is not None and clock.due_at <= reader.now
    is_paused = clock is not None and clock.status == "paused"
    holder_id = known.holds.get(_hold(one))
    can_do = bool(actor.roles & one.kind.roles) and one.not_by != actor.user_id
    return Task(
        one,
        state_of(due_on, reader.today, is_paused=is_paused, is_over=is_over),
        due_on,
        clock is not None and clock.provisional,
        clock.id if clock is not None else None,
        known.names.get(one.organisation_id),
        known.names.get(one.other_id or 0),
        holder_id,
        known.people.get(holder_id or 0),
        known.people.get(known.stand_ins.get(holder_id or 0, 0)),
        holder_id in known.mine,
        can_do,
        can_do and may_together(one.kind.together, get_profile(one.profile) if one.profile else None),
    )


def task_list(reader: Reader, wanted: TaskFilter, ask: Ask) -> TaskList:
    """One page, each with the derivation of its day."""
    everything = all_tasks(reader)
    matching = [task for task in everything if _fits(task, wanted)]
    shown = [task for task in matching if fits_whose(task, wanted.whose) and wanted.state in ("", task.state)]
    page = _page(shown, ask)
    whole = clocks_by_id(reader, [task.clock_id for task in page.results if task.clock_id is not None])
    rows = [replace(task, clock=whole.get(task.clock_id or 0)) for task in page.results]
    kinds = {task.kind.code: task.kind for task in everything}
    organisations = {task.organisation.id: task.organisation for task in everything if task.organisation is not None}
    of_whose = [task for task in matching if fits_whose(task, wanted.whose)]
    return TaskList(
        Page(rows, page.count, page.after, page.before),
        {whose: sum(fits_whose(task, whose) for task in matching) for whose in ("all", "mine", "free")},
        Counter(task.state for task in of_whose),
        sorted(kinds.values(), key=lambda kind: kind.code),
        sorted(organisations.values(), key=lambda one: (one.name, one.id)),
    )


def fits_whose(task: Task, whose: str) -> bool:
    return whose == "all" or (task.mine if whose == "mine" else task.holder_id is None)


def _fits(task: Task, wanted: TaskFilter) -> bool:
    if wanted.kind and task.kind.code != wanted.kind:
        return False
    if wanted.region and not within(task.waiting.region, frozenset({wanted.region})):
        return False
    if wanted.organisation and (task.organisation is None or task.organisation.ref != wanted.organisation):
        return False
    return not wanted.q.strip() or _said(task, wanted.q.strip().casefold())


def _said(task: Task, q: str) -> bool:
    """Whether any of its words holds what was typed, in either language."""
    parties = [text for one in (task.organisation, task.other) if one is not None for text in (one.name, one.name_zh or "")]
    where = region_name(task.waiting.region) if task.waiting.region else None
    words = [task.waiting.title, task.ref, task.kind.label.en, task.kind.label.zh, task.holder or "", *parties]
    words += [where.en, where.zh] if where is not None else []
    return any(q in text.casefold() for text in words)


def _page(tasks: Sequence[Task], ask: Ask) -> Page[Task]:
    """The part of a sorted list behind or before a key."""
    if ask.before is not None:
        earlier = [task for task in tasks if task.key < ask.before]
        rows = earlier[-ask.limit :]
        return Page(rows, len(tasks), rows[-1].key if rows else None, rows[0].key if len(earlier) > len(rows) else None)
    rest = [task for task in tasks if ask.after is None or task.key > ask.after]
    rows = rest[: ask.limit]
    return Page(
        rows,
        len(tasks),
        rows[-1].key if len(rest) > len(rows) else None,
        rows[0].key if rows and ask.after is not None else None,
    )


def find_task(reader: Reader, kind: str, ref: str) -> Task | None:
    """One task; None when it does not wait, or not for the reader's organisations."""
    return next((task for task in all_tasks(reader) if task.kind.code == kind and task.ref == ref), None)


def task_count(reader: Reader) -> int:
    """How many wait. For the tabs of the inbox."""
    return sum(1 for _ in all_waiting(reader))
