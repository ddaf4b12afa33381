"""Fixtures of the whole suite: a fresh database on each engine, the bus on it, the application, a client, the shared real data.

A test that takes `database`, `bus`, `app` or `client` runs once on SQLite and once on PostgreSQL. TEST_DATABASE=sqlite runs half.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import ROOT, Settings
from app.db.session import Database
from app.db.work import Bus
from app.kernel.clock import FixedClock
from tests.support import answered, databases, missing, ordering, postgres, recorded, timing
from tests.support.now import NOW

SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def cluster(session_folder: Path) -> postgres.Cluster:
    """The run's scratch PostgreSQL."""
    found = postgres.shared_cluster(session_folder)
    if found is None:
        missing.lacking("PostgreSQL with PostGIS", postgres.INSTALL)
    assert found is not None
    return found


@pytest.fixture(scope="session", params=databases.kinds())
def fresh_database(
    request: pytest.FixtureRequest, session_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> databases.FreshDatabase:
    """This process's database on one engine; `database` empties it for each test."""
    if request.param == databases.SQLITE:
        return databases.sqlite_copy(session_folder, tmp_path_factory.mktemp("sqlite"))
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return databases.postgresql_copy(request.getfixturevalue("cluster"), session_folder, worker)


@pytest.fixture(scope="session")
def settings(fresh_database: databases.FreshDatabase, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(database_url=fresh_database.url, secret_key="test" * 8, var=tmp_path_factory.mktemp("var"), testing=True)


@pytest.fixture(scope="session")
def quick_passwords() -> Iterator[None]:
    """What the product does against who steals its hashes takes a fifth of a second of each sign-in."""
    from tests.support import people

    with people.hashing(people.QUICK):
        yield


@pytest.fixture
def real_passwords(quick_passwords: None) -> Iterator[None]:
    """With the parameters of the product."""
    from tests.support import people

    with people.hashing(people.REAL):
        yield


@pytest.fixture(scope="session")
def session_bus(settings: Settings, quick_passwords: None) -> Iterator[Bus]:
    from app.bootstrap import make_bus

    bus = make_bus(settings, FixedClock(NOW))
    timing.follow(bus)
    recorded.watch(bus)
    yield bus
    bus.database.dispose()


@pytest.fixture(scope="session")
def session_app(settings: Settings, session_bus: Bus) -> Flask:
    from app import create_app

    app = create_app(settings)
    app.extensions["infrashare_bus"].database.dispose()
    app.extensions["infrashare_bus"] = session_bus
    answered.watch(app)
    return app


@pytest.fixture
def clock() -> FixedClock:
    """The time of every use case of the test, and of its database; it stands until the test moves it."""
    return FixedClock(NOW)


@pytest.fixture
def database(fresh_database: databases.FreshDatabase, session_bus: Bus) -> Database:
    """An empty database at the newest migration."""
    if session_bus.database.is_sqlite:
        session_bus.database.dispose()
    fresh_database.reset()
    return session_bus.database


@pytest.fixture
def bus(database: Database, session_bus: Bus, clock: FixedClock) -> Iterator[Bus]:
    """Every feature's subscribers on the test's database and clock, without Flask. Who changes a state must leave one record."""
    session_bus.clock = clock
    recorded.WRONG.clear()
    yield session_bus
    assert not recorded.WRONG, "\n".join(dict.fromkeys(recorded.WRONG))


@pytest.fixture
def app(bus: Bus, session_app: Flask) -> Iterator[Flask]:
    """The application on the test's database and clock. What the API answers must have its declared shape."""
    answered.WRONG.clear()
    yield session_app
    assert not answered.WRONG, "\n".join(answered.WRONG[:20])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """The path of a file or folder of the real data beside the clone; skips the test where that is absent."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"the real data is not beside this clone: {name}")
        return path

    return find


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if len(databases.kinds()) > 1:
        _look_once(config, items)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = ordering.dealt(items, int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))


def _look_once(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pages are looked at on one engine; their routes are tested on both."""

    def is_second_look(item: pytest.Item) -> bool:
        on = getattr(item, "callspec", None)
        return "browser" in item.path.parts and on is not None and on.params.get("fresh_database") == databases.POSTGRESQL

    dropped = [item for item in items if is_second_look(item)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if not is_second_look(item)]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The first process of the run stops what the run started, after its workers have ended."""
    if not hasattr(session.config, "workerinput"):
        factory: Any = getattr(session.config, "_tmp_path_factory", None)
        if factory is not None:
            postgres.stop_shared(factory.getbasetemp())
    else:
        session.config.workeroutput["missing"] = missing.SAID  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    missing.SAID.update(getattr(node, "workeroutput", {}).get("missing", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing.SAID:
        terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
        for what, install in missing.SAID.items():
            terminalreporter.write_line(f"{what} is not installed; install it with: {install}", red=True)
