"""The demo's story, told small and served to a browser: its people sign in through the door, and jobs are run when a test
says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from app import create_app
from app.bootstrap import job_handlers, make_bus
from app.config import Settings
from app.db.jobs import Worker
from app.db.work import Bus
from app.demo.cast import PASSWORD
from app.demo.story import load
from app.kernel.clock import Clock
from tests.support import browser, databases

EVERY = 12  # of the demo's assets: enough for each scene of its story

__all__ = ["PASSWORD", "Stage", "staged"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story is served, and its bus."""

    app: Flask
    bus: Bus
    url: str

    def work(self) -> None:
        """Do all jobs that are due, as the job worker does."""
        worker = Worker(self.bus.database, self.bus.clock, job_handlers(self.bus))
        while worker.run_one():
            pass


@contextmanager
def staged(shared: Path, own: Path, clock: Clock | None = None) -> Iterator[Stage]:
    """`shared` holds the run's empty migrated database, `own` the copy that the story is told to, now or at the time of `clock`."""
    copy = databases.sqlite_copy(shared, own)
    copy.reset()
    settings = Settings(database_url=copy.url, secret_key="story" * 8, var=own, testing=True)
    app = create_app(settings)
    bus: Bus = app.extensions["infrashare_bus"]
    if clock is not None:
        bus.database.dispose()
        bus = app.extensions["infrashare_bus"] = make_bus(settings, clock)
    load(bus, lambda scene: None, settings.files_folder, EVERY)
    with browser.served(app) as url:
        yield Stage(app, bus, url)
    bus.database.dispose()
