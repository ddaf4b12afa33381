"""Sixteen processes that hold, commit, release, expire and lower by SQL of their own, past every rule of the application.

What stands between them and an oversold tower is in the database alone.
"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg

from app.db.session import is_passing
from app.kernel.ids import new_ref
from prove.oracle import DAYS, FIRST, Verdict, judge
from prove.stage import Site, as_hammer

PROCESSES = 16
INSERT = """INSERT INTO claim (ref, asset_id, dimension, kind, state, slot, amount_milli, starts, ends, organisation_id,
    holder_type, holder_ref, expires_at, created_at) VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, 'hammer', ?, ?, ?)"""
OWN = (
    "SELECT id, asset_id, dimension, kind, slot, amount_milli, starts, ends FROM claim WHERE state = 'active' AND holder_ref = ?"
)


@dataclass
class Door:
    """One process's way into one database, as one tenant. `isolation`: of PostgreSQL."""

    site: Site
    isolation: str | None
    tenant: int
    connection: Any = None

    def open(self) -> None:
        if self.site.is_sqlite:
            self.connection = sqlite3.connect(self.site.path, timeout=60, isolation_level=None)
            self.connection.execute("PRAGMA foreign_keys = ON")
            return
        self.connection = psycopg.connect(as_hammer(self.site), autocommit=True)
        self.connection.execute(f"SET prove.tenant = '{self.tenant}'")
        self.connection.execute(f"SET default_transaction_isolation = '{self.isolation}'")

    def run(self, sql: str, *values: Any) -> Any:
        return self.connection.execute(sql if self.site.is_sqlite else sql.replace("?", "%s"), values)

    def stored(self, moment: datetime) -> Any:
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if self.site.is_sqlite else moment


def hold(door: Door, dice: random.Random, name: str) -> None:
    """Take a random part of a random tower for random days, for a moment or for good."""
    asset, first = dice.choice(door.site.assets), dice.randrange(DAYS - 3)
    starts, ends = FIRST + timedelta(days=first), FIRST + timedelta(days=min(DAYS, first + dice.randint(1, 9)))
    slot = dice.randint(1, 5) if dice.random() < 0.5 else None
    kind = dice.choice(("held", "held", "reserve", "unavailable", "baseline"))
    now = datetime.now(UTC)
    expires = door.stored(now + timedelta(seconds=dice.uniform(0.1, 1.5))) if kind == "held" else None
    amount = 1000 if slot else dice.randint(500, 4000)
    put(door, (asset, "platform" if slot else "load_kg", kind, slot, amount, str(starts), str(ends)), name, expires)


def put(door: Door, what: tuple[Any, ...], name: str, expires: Any = None) -> None:
    door.run(INSERT, new_ref(), *what, door.tenant, name, expires, door.stored(datetime.now(UTC)))


def commit(door: Door, dice: random.Random, name: str) -> None:
    """Turn a hold of one's own into what waits for approval, and that into what is committed."""
    own = [row for row in door.run(OWN, name).fetchall() if row[3] in ("held", "pending")]
    if own:
        number, asset, dimension, kind, slot, amount, starts, ends = dice.choice(own)
        door.run("UPDATE claim SET state = 'converted' WHERE id = ? AND state = 'active'", number)
        put(door, (asset, dimension, "pending" if kind == "held" else "committed", slot, amount, starts, ends), name)


def release(door: Door, dice: random.Random, name: str) -> None:
    own = door.run(OWN, name).fetchall()
    if own:
        door.run("UPDATE claim SET state = 'released' WHERE id = ? AND state = 'active'", dice.choice(own)[0])


def expire(door: Door, dice: random.Random, name: str) -> None:
    """End every hold of the tenant that is over."""
    over = "UPDATE claim SET state = 'expired' WHERE state = 'active' AND kind = 'held' AND expires_at <= ?"
    door.run(over, door.stored(datetime.now(UTC) - timedelta(milliseconds=50)))


def lower(door: Door, dice: random.Random, name: str) -> None:
    """Set a total that may be too small for what is there."""
    if dice.random() < 0.5:
        total, dimension = dice.randint(6, 10) * 1000, "load_kg"
    else:
        total, dimension = dice.randint(2, 4) * 1000, "platform"
    sql = "UPDATE capacity SET total_milli = ? WHERE asset_id = ? AND dimension = ?"
    door.run(sql, total, dice.choice(door.site.assets), dimension)


ACTS: tuple[tuple[Callable[[Door, random.Random, str], None], int], ...] = (
    (hold, 50),
    (commit, 15),
    (release, 20),
    (expire, 8),
    (lower, 7),
)


def work(site: Site, isolation: str | None, seconds: float, number: int) -> Counter[str]:
    """One process: act until the time is over; count what the database said."""
    dice, name, said = random.Random(number), f"process {number}", Counter[str]()
    door = Door(site, isolation, site.tenants[number % len(site.tenants)])
    door.open()
    acts, weights = zip(*ACTS, strict=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        act = dice.choices(acts, weights)[0]
        said[f"{act.__name__} {attempt(door, partial(act, door, dice, name), dice)}"] += 1
    door.connection.close()
    return said


def attempt(door: Door, act: Callable[[], None], dice: random.Random) -> str:
    """One transaction that first reads, as a request does, so that its snapshot is older than what it meets."""
    door.run("BEGIN IMMEDIATE" if door.site.is_sqlite else "BEGIN")
    try:
        door.run("SELECT COUNT(*) FROM claim").fetchone()
        act()
        if dice.random() < 0.2:
            time.sleep(0.001)
        door.run("COMMIT")
    except (sqlite3.IntegrityError, psycopg.errors.CheckViolation, psycopg.errors.ExclusionViolation):
        door.run("ROLLBACK")
        return "refused"
    except psycopg.errors.OutOfMemory:  # of PostgreSQL's record of conflicts, where one that waits for a processor holds it long
        door.run("ROLLBACK")
        time.sleep(dice.uniform(0.01, 0.1))
        return "crowded out"
    except psycopg.Error as error:
        door.run("ROLLBACK")
        if not is_passing(error):
            raise
        return "to be retried"
    return "done"


def look(site: Site) -> Verdict:
    """Judge once, from outside every tenant."""
    if site.is_sqlite:
        connection: Any = sqlite3.connect(site.path, timeout=60)
    else:
        connection = psycopg.connect(site.path)
    try:
        return judge(connection, "sqlite" if site.is_sqlite else "postgresql")
    finally:
        connection.close()


def hammer(site: Site, isolation: str | None, seconds: float) -> tuple[Counter[str], list[Verdict]]:
    """Run the processes, look while they run, and once more when they have ended. Returns the counts and every verdict."""
    verdicts: list[Verdict] = []
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        running = pool.starmap_async(work, [(site, isolation, seconds, n) for n in range(PROCESSES)], chunksize=1)
        while not running.ready():
            verdicts.append(look(site))
            running.wait(0.5)
        counts = sum(running.get(), Counter[str]())
    return counts, [*verdicts, look(site)]
