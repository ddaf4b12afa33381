"""Use cases are held to their promise while tests run them: whoever changes a state leaves one audit record of it in the same
transaction, and no second one of the same thing. What follows from it for another thing has a record of its own.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from inspect import getclosurevars
from typing import Any

from sqlalchemy import Connection, event

from app.config import ROOT
from app.db.work import Bus, UnitOfWork
from app.kernel.event import Event

WRONG: list[str] = []  # of the test that runs
# no state of the market: the record itself, what follows from it, and what machines remember
BESIDE = frozenset({
    *("audit_record", "notice", "mail", "job", "kept_response", "attempt_count", "sight", "export_mark"),
    *("match", "match_change", "match_delta", "need_result"),
})  # fmt: skip
# two changes of one thing, as the document says
TWICE = frozenset({"app.listings.changing.service:begin_apply", "app.listings.changing.service:undo_change"})
DOCUMENT = ROOT / "docs" / "records.md"
ROW = re.compile(r"^\| `(app\.[\w.]+:\w+)` \|", re.M)
UNRECORDED = frozenset(ROW.findall(DOCUMENT.read_text(encoding="utf-8")))
STATEMENT = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.I)


class _Now(threading.local):
    """What this thread's use case has written so far: tables, and what its events were about."""

    def __init__(self) -> None:
        self.written: list[str] | None = None
        self.told: list[tuple[str, str]] = []


_NOW = _Now()


def watch(bus: Bus) -> None:
    """Note what every use case of `bus` writes and tells."""
    event.listen(bus.database.engine, "before_cursor_execute", _written)
    event.listen(bus.database.engine, "rollback", _rolled_back)
    bus.subscribers.append(_told)
    original = bus.execute

    def execute(use_case: Callable[..., Any], actor: Any, command: Any, **options: Any) -> Any:
        outer = _NOW.written, _NOW.told
        _NOW.written, _NOW.told = [], []
        try:
            answer = original(use_case, actor, command, **options)
            if _told in bus.subscribers:  # else the test hears for itself
                judge(name_of(use_case), _NOW.written, _NOW.told)
            return answer
        finally:
            _NOW.written, _NOW.told = outer

    bus.execute = execute  # type: ignore[method-assign]


def _written(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if _NOW.written is not None and (found := STATEMENT.match(statement)):
        _NOW.written += [found[1].lower()] * (len(parameters) if many else 1)


def _told(work: UnitOfWork, about: Event) -> None:
    _NOW.told.append((about.subject_type, about.subject_ref))


def _rolled_back(connection: Connection) -> None:
    """Tried again, it begins with nothing."""
    if _NOW.written is not None:
        _NOW.written.clear()
        _NOW.told.clear()


def judge(name: str, written: list[str], told: list[tuple[str, str]]) -> None:
    """Complain of a use case of the product that ended with too few records, or too many."""
    if not name.startswith("app.") or name.startswith("app.demo"):
        return
    changed = sorted({table for table in written if table not in BESIDE})
    if changed and not told and name not in UNRECORDED:
        WRONG.append(f"{name} wrote {', '.join(changed)} and left no record")
    if (twice := {about for about in told if told.count(about) > 1}) and name not in TWICE:
        WRONG.append(f"{name} left more than one record of {sorted(twice)}")
    if written.count("audit_record") != len(told):
        WRONG.append(f"{name} told of {len(told)} changes and left {written.count('audit_record')} records")


def name_of(use_case: Callable[..., Any]) -> str:
    """Also of one that another wraps: with an idempotency key, with what was kept of its form."""
    wrapped = getclosurevars(use_case).nonlocals.get("use_case")
    return name_of(wrapped) if wrapped is not None else f"{use_case.__module__}:{use_case.__name__}"
