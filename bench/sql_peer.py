"""The question of a match as somebody would write it in SQL, for DuckDB and PostGIS: the pairs in reach, every margin, the fail
mask, the score, and each need's ten best. One table of listings and one of needs for each kind, every criterion a column.

It knows no claims and no areas: what a benchmark's market has none of.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from app.engine import MISSING, Problem
from app.engine import compile as c
from app.engine.facts import Prepared
from app.engine.packed import CLOSES, HEAD
from tests.support import postgres

TOP = 10
NEVER = -(10**15)  # the margin of what a listing does not state


def listing_columns(problem: Problem, prepared: Prepared, kind: int) -> dict[str, Any]:
    """`s*`: what a listing has of each criterion, in the need's unit."""
    mine = np.flatnonzero(problem.listings.kind == kind)
    rows = prepared.packed.rows[prepared.packed.row_of[mine]]
    found: dict[str, Any] = {"id": mine, "closes": rows[:, CLOSES], "currency": problem.listings.currency[mine]}
    for at in range(int(problem.tables.count[kind])):
        supply = rows[:, HEAD + at]
        found[f"s{at}"] = pa.array(supply, mask=supply == MISSING)
    return found


def need_columns(problem: Problem, kind: int) -> dict[str, Any]:
    """`d*`: what a need asks by each criterion; nothing where it asks nothing."""
    needs, tables = problem.needs, problem.tables
    mine = np.flatnonzero(needs.kind == kind)
    shared = {"id": mine, "radius_mm": needs.radius_mm, "currency": needs.currency, "opens": needs.start, "ends": needs.end}
    found: dict[str, Any] = {name: column if name == "id" else column[mine] for name, column in shared.items()}
    for at in range(int(tables.count[kind])):
        test, column = int(tables.table[kind, at, c.TEST]), int(tables.table[kind, at, c.DEMAND])
        if test == c.PRICE:
            found[f"d{at}"] = needs.budget_minor[mine]
        elif test == c.NOT_OWN:
            found[f"d{at}"] = needs.organisation[mine]
        elif column >= 0:
            asked = needs.values[mine, column]
            found[f"d{at}"] = pa.array(asked, mask=(asked == MISSING) if test == c.EQUALS else asked <= 0)
    return found


def judged(problem: Problem, kind: int, pairs: str, divide: str) -> str:
    """(need, listing, distance in mm, margins, fail, score) of the pairs that `pairs` selects as need columns, listing columns
    and `mm`. `divide`: whole division in this dialect."""
    table, margins, fails, terms = problem.tables.table[kind], [], [], []
    for at in range(int(problem.tables.count[kind])):
        test, weight, full_at = (int(table[at, field]) for field in (c.TEST, c.WEIGHT, c.FULL))
        margin, base = _margin(test, at)
        full = "radius_mm" if test == c.REACH else f"({full_at} * {base} {divide} 1000)"
        margins.append(f"{margin} AS m{at}")
        fails.append(f"CASE WHEN m{at} < 0 THEN {1 << at} ELSE 0 END")
        terms.append(
            f"CASE WHEN m{at} IS NULL OR m{at} >= {full} THEN {weight} WHEN m{at} < 0 THEN 0 "
            f"ELSE {weight} * m{at} {divide} greatest({full}, 1) END"
        )
    names = ", ".join(f"m{at}" for at in range(len(margins)))
    return (
        f"SELECT need, listing, mm, {names}, {' + '.join(fails)} AS fail, {' + '.join(terms)} AS score "
        f"FROM (SELECT *, {', '.join(margins)} FROM ({pairs}) p) j"
    )


def _margin(test: int, at: int) -> tuple[str, str]:
    """The margin, NULL where nothing is asked, and what `full_at` is measured by."""
    supply, demand = f"s{at}", f"d{at}"
    if test == c.REACH:
        return "radius_mm - mm", "0"
    if test == c.WINDOW:
        inside = f"{supply} <= opens AND ends <= closes"
        common = f"greatest(least(ends, closes) - greatest(opens, {supply}), 0) - (ends - opens)"
        return f"CASE WHEN {inside} THEN (opens - {supply}) + (closes - ends) ELSE {common} END", "(ends - opens)"
    if test == c.PRICE:
        return f"CASE WHEN currency = offered_currency THEN {demand} - {supply} ELSE {NEVER} END", f"greatest({demand}, 1)"
    if test == c.NOT_OWN:
        return f"CASE WHEN {supply} <> {demand} THEN 0 ELSE -1 END", "0"
    if test == c.EQUALS:
        return f"CASE WHEN {demand} IS NULL THEN NULL WHEN {supply} = {demand} THEN 0 ELSE -1 END", "0"
    if test == c.PROVIDES:
        return f"CASE WHEN {demand} IS NULL THEN NULL WHEN {supply} > 0 THEN 0 ELSE -1 END", "0"
    less = f"{demand} - {supply}" if test == c.AT_MOST else f"{supply} - {demand}"
    return f"CASE WHEN {demand} IS NULL THEN NULL ELSE coalesce({less}, {NEVER}) END", f"greatest({demand}, 1000)"


def selected(problem: Problem, kind: int) -> str:
    """The columns of a pair that `judged` reads."""
    count = int(problem.tables.count[kind])
    demands = [f"n.{name}" for name in need_columns(problem.take(needs=np.zeros(0, np.int64)), kind) if name[0] == "d"]
    return ", ".join(
        [
            "n.id AS need, l.id AS listing, n.radius_mm, n.opens, n.ends, n.currency, l.closes, l.currency AS offered_currency",
            *(f"l.s{at}" for at in range(count)),
            *demands,
        ]
    )


@contextmanager
def postgis(problem: Problem, prepared: Prepared) -> Iterator[Any]:
    """A connection to PostGIS with `listing_K` and `need_K` of each kind K loaded, geography under GiST; None where it is not
    installed. The places of the listings may be lines."""
    import psycopg

    programs = postgres.bindir()
    if programs is None:
        print(f"MISSING PEER: PostgreSQL with PostGIS is not installed, left out: {postgres.INSTALL}", flush=True)
        yield None
        return
    cluster = postgres.start(programs, {**postgres.SETTINGS, "shared_buffers": "1GB", "max_wal_size": "4GB"})
    try:
        cluster.sql("postgres", "CREATE DATABASE bench")
        cluster.sql("bench", "CREATE EXTENSION postgis", "CREATE EXTENSION btree_gist")
        with psycopg.connect(cluster.url("bench").replace("+psycopg", ""), autocommit=True) as base:
            for statement in ("work_mem = '256MB'", "maintenance_work_mem = '512MB'", "jit = off"):
                base.execute(f"SET {statement}")
            _load(base, problem, prepared)
            yield base
    finally:
        cluster.stop()


def _load(base: Any, problem: Problem, prepared: Prepared) -> None:
    """One table of all kinds on each side, with GiST on (kind, geography)."""
    from shapely import points, to_wkb

    widest = int(problem.tables.count.max())
    wide = ", ".join(f"s{at} bigint" for at in range(widest)), ", ".join(f"d{at} bigint" for at in range(widest))
    base.execute(f"CREATE UNLOGGED TABLE listing (kind int, g geography, id int, closes bigint, currency int, {wide[0]})")
    base.execute(
        "CREATE UNLOGGED TABLE need (kind int, g geography, id int, radius_mm bigint, currency int, opens bigint, ends bigint, "
        f"{wide[1]})"
    )
    for kind in range(len(problem.kinds)):
        for name, rows, columns in (
            ("listing", problem.listings, listing_columns(problem, prepared, kind)),
            ("need", problem.needs, need_columns(problem, kind)),
        ):
            place, at = rows.place, columns["id"]
            shapes = points(place.lon[at], place.lat[at]) if (place.form[at] == 0).all() else place.shape[at]
            whole = {"kind": np.full(len(at), kind), "g": pa.array(to_wkb(shapes, hex=True).tolist(), pa.string()), **columns}
            _copy(base, name, pa.table({n: v if isinstance(v, pa.Array) else pa.array(v) for n, v in whole.items()}))
    for name in ("listing", "need"):
        base.execute(f"CREATE INDEX ON {name} USING gist (kind, g)")
        base.execute(f"CREATE UNIQUE INDEX ON {name} (id)")
        base.execute(f"VACUUM ANALYZE {name}")


def _copy(base: Any, name: str, table: pa.Table) -> None:
    out = io.BytesIO()
    pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(include_header=False, quoting_style="none"))
    with base.cursor() as cursor, cursor.copy(f"COPY {name} ({', '.join(table.column_names)}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(out.getvalue())


def postgis_pairs(problem: Problem, kind: int, only: str = "") -> str:
    """The pairs in reach of one kind, with their distance."""
    return (
        f"SELECT {selected(problem, kind)}, round(ST_Distance(l.g, n.g) * 1000)::bigint AS mm "
        f"FROM need n JOIN listing l ON l.kind = n.kind AND ST_DWithin(l.g, n.g, n.radius_mm / 1000.0) "
        f"WHERE n.kind = {kind}{only}"
    )


def postgis_batch(base: Any, problem: Problem) -> int:
    """Every pair judged into a table, each need's best into another; how many pairs."""
    pairs = 0
    for kind in range(len(problem.kinds)):
        base.execute("DROP TABLE IF EXISTS pair, best")
        base.execute(f"CREATE UNLOGGED TABLE pair AS {judged(problem, kind, postgis_pairs(problem, kind), '/')}")
        base.execute(f"CREATE UNLOGGED TABLE best AS {BEST}")
        pairs += int(base.execute("SELECT count(*) FROM pair").fetchone()[0])
    return pairs


BEST = (
    f"SELECT need, listing, score FROM (SELECT *, row_number() OVER (PARTITION BY need ORDER BY score DESC, listing) AS rank "
    f"FROM pair WHERE fail = 0) r WHERE rank <= {TOP}"
)
