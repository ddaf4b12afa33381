"""Guards that only two at once can tell apart: the row where writers meet, what functions see, who waits, who tries again.

Each case answers how it ended; `without` runs it with that one guard taken away.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

import app.db.work as edge
from app.db.session import RETRIED, Database
from app.db.work import Bus, UnitOfWork
from app.kernel.actor import SYSTEM
from app.kernel.clock import SystemClock
from app.kernel.errors import DomainError
from app.kernel.ids import new_ref
from prove.cases import claim
from prove.hammer import look
from prove.stage import Site, as_hammer

WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Pair:
    """`without(site)`: take the guard away, as a context. `run(site)`: what happened, in words; it begins with `good` or not."""

    guard: str
    engine: str
    story: str
    good: str
    run: Callable[[Site], str]
    without: Callable[[Site], Any]


@contextmanager
def changed(site: Site, *statements: str) -> Iterator[None]:
    """Statements of the superuser, for good: a case has a database of its own."""
    with psycopg.connect(site.path, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
    yield


def taking(site: Site, tenant: int = 0, amount: int = 6000) -> str:
    return claim(amount=amount, organisation_id=str(site.tenants[tenant])).format(a=site.assets[0], ref=new_ref())


def two_at_once(site: Site, isolation: str) -> str:
    """Both have read before either writes; the second writes before the first commits."""
    with psycopg.connect(site.path) as first, psycopg.connect(site.path) as second:
        for one in (first, second):
            one.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            one.execute("SELECT COUNT(*) FROM claim")
        first.execute(taking(site))
        ended: list[str] = []

        def write() -> None:
            try:
                second.execute(taking(site))
                second.commit()
                ended.append("both went through")
            except psycopg.Error as error:
                second.rollback()
                ended.append("retried" if error.sqlstate in RETRIED else "refused")

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(0.3)
        first.commit()
        thread.join(WAIT_S)
    return f"{ended[0]}, {look(site)}"


WITHOUT_MEETING = """DO $$ DECLARE body text; BEGIN
    SELECT pg_get_functiondef('ledger_claim_fits'::regproc) INTO body;
    EXECUTE regexp_replace(body,
        'UPDATE capacity SET version = version \\+ 1 WHERE (.*?)\\s+RETURNING total_milli, sort INTO STRICT total, dimension_sort',
        'SELECT total_milli, sort INTO STRICT total, dimension_sort FROM capacity WHERE \\1');
END $$"""


def tenants_apart(site: Site) -> str:
    """Two tenants who do not see each other's rows, one after the other."""
    for tenant in (0, 1):
        with psycopg.connect(as_hammer(site)) as connection:
            connection.execute(f"SET prove.tenant = '{site.tenants[tenant]}'")
            try:
                connection.execute(taking(site, tenant))
            except psycopg.errors.CheckViolation:
                connection.rollback()
                return f"refused, {look(site)}"
    return f"both went through, {look(site)}"


def false_table(site: Site) -> str:
    """A writer who puts an empty table of its own under the ledger's name, for the guard to sum."""
    with psycopg.connect(as_hammer(site)) as connection:
        connection.execute(f"SET prove.tenant = '{site.tenants[0]}'")
        connection.execute(taking(site))
        connection.commit()
        connection.execute("CREATE TEMP TABLE claim_of_mine (LIKE claim)")
        connection.execute("ALTER TABLE claim_of_mine RENAME TO claim")
        try:
            connection.execute(taking(site).replace("INTO claim", "INTO public.claim"))
            connection.commit()
        except psycopg.errors.CheckViolation:
            connection.rollback()
            return f"refused, {look(site)}"
    return f"went through, {look(site)}"


def readers_that_write(site: Site, begin: str, timeout_s: float) -> str:
    """Two that read and then write, at once, on SQLite."""
    failed: list[str] = []
    ready = threading.Barrier(2)

    def run() -> None:
        connection = sqlite3.connect(site.path, timeout=timeout_s, isolation_level=None)
        ready.wait(WAIT_S)
        for _ in range(25):
            try:
                connection.execute(begin)
                connection.execute("SELECT COUNT(*) FROM claim").fetchone()
                connection.execute(taking(site, amount=1))
                connection.execute("COMMIT")
            except sqlite3.OperationalError:
                failed.append("locked")
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S * 3)
    return f"{'some' if failed else 'none'} of 50 failed as locked, {look(site)}"


def crossing(site: Site) -> str:
    """Two use cases that take two towers in opposite order: the database ends one of them."""
    bus = Bus(Database(site.url), SystemClock())
    ready, ended = threading.Barrier(2), []

    def run(order: tuple[int, int]) -> None:
        tries: list[int] = []

        def use_case(work: UnitOfWork, _: None) -> None:
            tries.append(1)
            for asset in order:
                work.session.connection().exec_driver_sql(claim(amount=100).format(a=asset, ref=new_ref()))
                if len(tries) == 1 and asset == order[0]:
                    ready.wait(WAIT_S)

        try:
            bus.execute(use_case, SYSTEM, None)
            ended.append("done")
        except Exception as error:  # noqa: BLE001 - how it ended is what is asked
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(site.assets[:2][::step],)) for step in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S * 2)
    bus.database.dispose()
    return f"{ended.count('done')} of 2 done, {look(site)}"


def last_place(site: Site) -> str:
    """Two use cases for the last position: the second is told in words, or falls over the constraint."""
    from app.kernel.timewindow import Window
    from app.ledger import Holder, hold
    from prove.oracle import FIRST

    bus = Bus(Database(site.url), SystemClock())
    window, ended, ready = Window(FIRST), [], threading.Barrier(2)

    def run(name: str) -> None:
        def use_case(work: UnitOfWork, _: None) -> None:
            ready.wait(WAIT_S)
            expires = work.database_now.replace(year=work.database_now.year + 1)
            hold(work, site.assets[0], "tower", {"platform": 3000}, window, Holder("prove", name), expires)

        try:
            bus.execute(use_case, SYSTEM, None)
            ended.append("held")
        except DomainError as error:
            ended.append(f"told {error.code}")
        except Exception as error:  # noqa: BLE001 - how it ended is what is asked
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    bus.database.dispose()
    return f"{' and '.join(sorted(ended))}, {look(site)}"


@contextmanager
def unlocked(site: Site) -> Iterator[None]:
    """The rule reads without keeping others out; the first reader dawdles until the second has read too."""
    import app.ledger.claiming as claiming
    from app.ledger.queries import capacities

    kept, both = claiming.lock, threading.Barrier(2)

    def only_read(work: UnitOfWork, asset_id: int) -> Any:
        rows = capacities(work.session, asset_id)
        both.wait(WAIT_S)
        return rows

    claiming.lock = only_read
    try:
        yield
    finally:
        claiming.lock = kept


@contextmanager
def one_attempt(site: Site) -> Iterator[None]:
    kept, edge.ATTEMPTS = edge.ATTEMPTS, 1
    try:
        yield
    finally:
        edge.ATTEMPTS = kept


BEGIN: dict[str, str] = {"sqlite": "BEGIN IMMEDIATE"}
TIMEOUT: dict[str, float] = {"s": 20.0}


@contextmanager
def beginning(how: str) -> Iterator[None]:
    kept, BEGIN["sqlite"] = BEGIN["sqlite"], how
    try:
        yield
    finally:
        BEGIN["sqlite"] = kept


@contextmanager
def impatient() -> Iterator[None]:
    kept, TIMEOUT["s"] = TIMEOUT["s"], 0.0
    try:
        yield
    finally:
        TIMEOUT["s"] = kept


PG = "postgresql"
PAIRS: tuple[Pair, ...] = (
    *(
        Pair(
            "the row where writers meet",
            PG,
            f"two of 6 kg at once on 10, {isolation}",
            "retried" if isolation != "READ COMMITTED" else "refused",
            lambda site, level=isolation: two_at_once(site, level),  # type: ignore[misc]
            lambda site: changed(site, WITHOUT_MEETING),
        )
        for isolation in ("READ COMMITTED", "REPEATABLE READ")
    ),
    Pair(
        "SECURITY DEFINER",
        PG,
        "two tenants of 6 kg who do not see each other",
        "refused",
        tenants_apart,
        lambda site: changed(site, "ALTER FUNCTION ledger_claim_fits() SECURITY INVOKER"),
    ),
    Pair(
        "pinned search_path",
        PG,
        "an empty table under the ledger's name",
        "refused",
        false_table,
        lambda site: changed(site, "ALTER FUNCTION ledger_claim_fits() RESET search_path"),
    ),
    Pair(
        "rows locked by the rule", PG, "three positions each, of four, at once", "held and told no_capacity", last_place, unlocked
    ),
    Pair("retry at the edge", PG, "two towers in opposite order", "2 of 2 done", crossing, one_attempt),
    Pair(
        "BEGIN IMMEDIATE",
        "sqlite",
        "two that read, then write",
        "none of 50",
        lambda site: readers_that_write(site, BEGIN["sqlite"], 20.0),
        lambda site: beginning("BEGIN DEFERRED"),
    ),
    Pair(
        "busy timeout",
        "sqlite",
        "two that write at once",
        "none of 50",
        lambda site: readers_that_write(site, "BEGIN IMMEDIATE", TIMEOUT["s"]),
        lambda site: impatient(),
    ),
)
