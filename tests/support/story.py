"""The demo's story, told small and served to a browser: its people sign in through the door, and jobs are run when a test
says so."""

from __future__ import annotations

import shutil
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
from tests.support.postgres import locked

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
    """`shared` holds the run's empty migrated database and the story as the first process told it, now or at the time of
    `clock`; `own` the copy that this process plays on."""
    stories = shared / "stories"
    stories.mkdir(exist_ok=True)
    told = stories / (f"{clock.now():%Y-%m-%dT%H%M}" if clock else "now")
    with locked(stories):
        if not told.exists():
            _tell(shared, told.with_suffix(".draft"), clock).rename(told)
    shutil.copytree(told, own, dirs_exist_ok=True)
    app, bus = _opened(own, clock)
    with browser.served(app) as url:
        yield Stage(app, bus, url)
    bus.database.dispose()


def _tell(shared: Path, folder: Path, clock: Clock | None) -> Path:
    shutil.rmtree(folder, ignore_errors=True)  # of a telling that broke off
    folder.mkdir()
    databases.sqlite_copy(shared, folder).reset()
    app, bus = _opened(folder, clock)
    load(bus, lambda scene: None, app.config["SETTINGS"].files_folder, EVERY)
    bus.database.dispose()
    databases.checkpoint(databases.file_in(folder))
    return folder


def _opened(folder: Path, clock: Clock | None) -> tuple[Flask, Bus]:
    url = f"sqlite:///{databases.file_in(folder)}"
    settings = Settings(database_url=url, secret_key="story" * 8, var=folder, testing=True)
    app = create_app(settings)
    bus: Bus = app.extensions["infrashare_bus"]
    if clock is not None:
        bus.database.dispose()
        bus = app.extensions["infrashare_bus"] = make_bus(settings, clock)
    return app, bus
