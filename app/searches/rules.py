"""Alerts of saved searches: how often, and when one is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.kernel.errors import Problem
from app.kernel.text import Text

ALERTS: Mapping[str, Text] = {
    "off": Text("No alerts", "不提醒"),
    "instant": Text("At once", "即时"),
    "daily": Text("Every day", "每日"),
    "weekly": Text("Every week", "每周"),
}
NAME_LIMIT, QUERY_LIMIT = 120, 4_000
MOST = 100  # searches of one person in one organisation
HOUR = 8  # of the day, where the marketplace is: daily and weekly alerts
MONDAY = 0
NO_NAME = Text("Give the search a name of at most 120 characters.", "请填写搜索名称，最多 120 个字符。")
TAKEN = Text("You have a search of this name already.", "您已有同名的搜索。")
TOO_LONG = Text("This search is too long to be kept.", "该搜索条件过长，无法保存。")


def problems_of(name: str, query: str, alert: str, taken: bool) -> list[Problem]:
    found = []
    if not 0 < len(name) <= NAME_LIMIT:
        found.append(Problem("required", NO_NAME, pointer="/name"))
    if taken:
        found.append(Problem("taken", TAKEN, pointer="/name"))
    if len(query) > QUERY_LIMIT:
        found.append(Problem("too_long", TOO_LONG, pointer="/query"))
    if alert not in ALERTS:
        found.append(Problem("invalid", Text("Choose how often.", "请选择提醒频率。"), pointer="/alert"))
    return found


def is_due(alert: str, checked_at: datetime, here_now: datetime) -> bool:
    """Whether a daily or weekly alert is due. `here_now` in the marketplace's zone. One that was missed is due until it is
    made up for."""
    if alert not in ("daily", "weekly"):
        return False
    slot = here_now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    slot -= timedelta(days=1) if slot > here_now else timedelta()
    if alert == "weekly":
        slot -= timedelta(days=(slot.weekday() - MONDAY) % 7)
    return checked_at < slot


def seconds_to_next_look(here_now: datetime) -> float:
    """Until the next time of day at which alerts are due."""
    slot = here_now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return (slot + timedelta(days=1 if slot <= here_now else 0) - here_now).total_seconds()
