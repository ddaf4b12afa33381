"""The table of guards: each case with its guard and without it, on a database of its own."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import psycopg

from app.kernel.ids import new_ref
from prove.cases import CASES, Case
from prove.locks import PAIRS, Pair
from prove.oracle import judge
from prove.stage import Site, SqliteStage, Stage

REFUSALS = (sqlite3.IntegrityError, psycopg.errors.IntegrityError)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `proven`: the guard held and nothing else would have."""

    guard: str
    engine: str
    story: str
    with_it: str
    without: str
    proven: bool


def lines(stage: Stage) -> list[Line]:
    """Every case of this engine."""
    engine = "sqlite" if isinstance(stage, SqliteStage) else "postgresql"
    site = stage.site()
    scripts = [_script(site, engine, case) for case in CASES if engine in case.remove]
    return scripts + [_pair(stage, pair) for pair in PAIRS if pair.engine == engine]


def _script(site: Site, engine: str, case: Case) -> Line:
    with_it, without = (play(site, case, engine, remove=remove) for remove in (False, True))
    proven = with_it.startswith("refused") and without.startswith("went through")
    return Line(case.guard, engine, case.story, with_it, without, proven)


def play(site: Site, case: Case, engine: str, *, remove: bool) -> str:
    """Run the script until it is refused or through, and undo everything."""
    connection: Any = (
        sqlite3.connect(site.path, isolation_level=None) if site.is_sqlite else psycopg.connect(site.path, autocommit=True)
    )
    removal = list(case.remove[engine]) if remove else []
    settings = [statement for statement in removal if statement.startswith("PRAGMA")]
    try:
        for statement in ("PRAGMA foreign_keys = ON", *settings) if site.is_sqlite else ():
            connection.execute(statement)
        connection.execute("BEGIN")
        for statement in (*(s for s in removal if s not in settings), *case.script):
            connection.execute(statement.format(a=site.assets[0], ref=new_ref()) if statement in case.script else statement)
        return f"went through, {judge(connection, engine)}"
    except REFUSALS as error:
        return f"refused: {str(error).splitlines()[0][:70]}"
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def _pair(stage: Stage, pair: Pair) -> Line:
    with_it = pair.run(stage.site())
    site = stage.site()
    with pair.without(site):
        without = pair.run(site)
    proven = with_it.startswith(pair.good) and not without.startswith(pair.good)
    return Line(pair.guard, pair.engine, pair.story, with_it, without, proven)
