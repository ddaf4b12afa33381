"""Use cases of saved searches. The record says that one was kept or changed, never what it looks for: plans are secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.db.work import UnitOfWork
from app.kernel.errors import Problem, fail
from app.kernel.event import Event, changes
from app.kernel.text import Text
from app.kernel.version import check_version
from app.listings import args_of, kept_query
from app.searches.alerting import remember
from app.searches.daily import queue_daily
from app.searches.models import SavedSearch
from app.searches.queries import SearchView, search_view
from app.searches.rules import MOST, problems_of


@dataclass(frozen=True, slots=True)
class SaveSearch:
    name: str
    query: str
    alert: str = "off"
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSearch:
    """`changes`: of name, query, alert, is_shared."""

    ref: str
    version: int | None
    changes: Mapping[str, Any]


def save_search(work: UnitOfWork, command: SaveSearch) -> SearchView:
    """Keep a search. Raises `invalid` with every problem, `forbidden` for who acts for nobody."""
    work.permit("search.save")
    user_id, organisation_id = work.actor.user_id, work.actor.organisation_id
    if user_id is None or organisation_id is None:
        raise fail("forbidden")
    count = work.session.scalar(
        select(func.count()).where(SavedSearch.user_id == user_id, SavedSearch.organisation_id == organisation_id)
    )
    if (count or 0) >= MOST:
        raise fail("invalid", [Problem("too_many", Text("Delete a search first.", "请先删除一个搜索。"), pointer="/name")])
    row = SavedSearch(
        user_id=user_id, organisation_id=organisation_id, created_at=work.now, checked_at=work.now, name="", query=""
    )
    _state(work, row, {"name": command.name, "query": command.query, "alert": command.alert, "is_shared": command.is_shared})
    work.session.add(row)
    work.session.flush()
    if row.alert != "off":
        remember(work, row)
    work.emit(Event("search.saved", "search", row.ref, (), {}, {"alert": row.alert, "is_shared": row.is_shared}))
    return search_view(work, row)


def change_search(work: UnitOfWork, command: ChangeSearch) -> SearchView:
    """Rename, look for something else, be told more or less often, share. Raises `invalid`, `stale_version`, `not_found`."""
    row = _own(work, command.ref, "search.edit")
    check_version(command.version, row.version)
    before = _record(row)
    was_silent = row.alert == "off"
    _state(work, row, {**{name: getattr(row, name) for name in ("name", "query", "alert", "is_shared")}, **command.changes})
    if was_silent or "query" in command.changes:
        row.checked_at = work.now  # from now on: not what was opened while nobody asked
        if row.alert != "off":
            remember(work, row)
    row.version += 1
    row.updated_at = work.now
    work.session.flush()
    was, now = changes(before, _record(row))
    work.emit(Event("search.changed", "search", row.ref, (), was, now))
    return search_view(work, row)


def delete_search(work: UnitOfWork, ref: str) -> None:
    row = _own(work, ref, "search.delete")
    work.session.delete(row)
    work.session.flush()
    work.emit(Event("search.deleted", "search", ref))


def unsubscribe(work: UnitOfWork, ref: str) -> str | None:
    """No more alerts of a search: by who holds its signed link. Again changes nothing. Returns its name, None when it is gone."""
    work.permit("search.unsubscribe")
    row = work.session.scalar(select(SavedSearch).where(SavedSearch.ref == ref).with_for_update())
    if row is None:
        return None
    if row.alert != "off":
        before = row.alert
        row.alert, row.updated_at, row.version = "off", work.now, row.version + 1
        work.emit(Event("search.changed", "search", ref, (), {"alert": before}, {"alert": "off"}))
    return row.name


def _own(work: UnitOfWork, ref: str, action: str) -> SavedSearch:
    work.permit(action)
    row = work.session.scalar(
        select(SavedSearch)
        .where(
            SavedSearch.ref == ref,
            SavedSearch.user_id == work.actor.user_id,
            SavedSearch.organisation_id == work.actor.organisation_id,
        )
        .with_for_update()
    )
    if row is None:
        raise fail("not_found")
    return row


def _state(work: UnitOfWork, row: SavedSearch, said: Mapping[str, Any]) -> None:
    name = " ".join(str(said["name"]).split())
    with work.session.no_autoflush:
        twin = work.session.scalar(
            select(SavedSearch.id).where(
                SavedSearch.user_id == row.user_id,
                SavedSearch.organisation_id == row.organisation_id,
                SavedSearch.name == name,
                SavedSearch.id != (row.id or 0),
            )
        )
    problems = problems_of(name, said["query"], said["alert"], twin is not None)
    if problems:
        raise fail("invalid", problems)
    row.name, row.query = name, kept_query(args_of(said["query"]))
    row.alert, row.is_shared = said["alert"], bool(said["is_shared"])
    if row.alert in ("daily", "weekly"):
        queue_daily(work)


def _record(row: SavedSearch) -> dict[str, Any]:
    return {"alert": row.alert, "is_shared": row.is_shared}
