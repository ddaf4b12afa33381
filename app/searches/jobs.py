"""Alerts: at once after something was opened, and once a day for daily and weekly searches. A run that is
repeated tells nothing twice."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context

from app.config import Settings
from app.db.jobs import Handler, Lease
from app.db.work import VIA, Bus
from app.kernel.actor import SYSTEM
from app.searches.alerting import Telling, due_searches, end_alerts, news_of, tell
from app.searches.daily import DAILY, queue_daily

AT_ONCE = "search.at_once"
GATHER_S = 5.0  # what is opened within this is told of together
SEVERAL_S = 60.0  # and what changes otherwise, which happens far more often


def handlers(bus: Bus) -> dict[str, Handler]:
    def at_once(lease: Lease, args: dict[str, Any]) -> None:
        look_through(bus, instant=True)

    def daily(lease: Lease, args: dict[str, Any]) -> None:
        look_through(bus, instant=False)
        bus.execute(queue_daily, SYSTEM, None)

    return {AT_ONCE: at_once, DAILY: daily}


def look_through(bus: Bus, instant: bool) -> int:
    """Tell the owners of what is due; returns how many listings were told of."""
    found = _settings()
    base_url, secret = found.base_url, found.secret_key
    VIA.set(AT_ONCE if instant else DAILY)
    told = 0
    for due in bus.ask(due_searches, SYSTEM, instant):
        if due.owner is None:
            bus.execute(end_alerts, SYSTEM, due.ref)
            continue
        told += bus.execute(tell, SYSTEM, Telling(bus.ask(news_of, due.owner, due.ref), base_url, secret))
    return told


def _settings() -> Settings:
    found = current_app.config["SETTINGS"] if has_app_context() else Settings.from_env()
    assert isinstance(found, Settings)
    return found
