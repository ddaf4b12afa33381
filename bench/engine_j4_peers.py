"""The two peers of routes that live elsewhere: pgRouting in a scratch PostgreSQL, OR-Tools' min-cost flow in its own process.

`engine_j4` asks them the questions that it asks itself; where one is not installed its rows are left out, with the reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psycopg

from app.engine.problem import Ints
from app.engine.routing.network import Network
from tests.support import postgres

Question = Callable[[int, int], int | None]
INSTALL = "apt-get install -y postgresql-15-pgrouting"
SETTINGS = {**postgres.SETTINGS, "shared_buffers": "1GB", "work_mem": "512MB", "autovacuum": "off"}


@contextmanager
def pgrouting(network: Network, weight: Ints) -> Iterator[dict[str, Question]]:
    """pgRouting's two exact searches on the open edges, undirected, in a table that is vacuumed and cached."""
    programs = postgres.bindir()
    share = None if programs is None else Path(postgres.run([f"{programs}/pg_config", "--sharedir"]).strip())
    if programs is None or share is None or not (share / "extension" / "pgrouting.control").exists():
        print(f"MISSING PEER: pgRouting is not installed, left out: {INSTALL}", flush=True)
        yield {}
        return
    cluster = postgres.start(programs, SETTINGS)
    try:
        cluster.sql("postgres", "CREATE DATABASE routes")
        cluster.sql("routes", "CREATE EXTENSION pgrouting CASCADE")
        address = f"host={cluster.folder} port={cluster.port} user={postgres.SUPERUSER} dbname=routes"
        with psycopg.connect(address, autocommit=True) as connection:
            _fill(connection, network, weight)
            yield {
                "pgRouting pgr_dijkstra": _asker(connection, "pgr_dijkstraCost"),
                "pgRouting pgr_bdDijkstra": _asker(connection, "pgr_bdDijkstraCost"),
            }
    finally:
        cluster.stop()


def _fill(connection: psycopg.Connection, network: Network, weight: Ints) -> None:
    open_ = np.flatnonzero(weight >= 0)
    connection.execute("CREATE UNLOGGED TABLE edge (id bigint, source bigint, target bigint, cost float8)")
    with connection.cursor().copy("COPY edge FROM STDIN") as copy:
        for e, tail, head, cost in zip(
            open_.tolist(), network.tail[open_].tolist(), network.head[open_].tolist(), weight[open_].tolist(), strict=True
        ):
            copy.write_row((e, tail, head, float(cost)))
    connection.execute("VACUUM ANALYZE edge")


def _asker(connection: psycopg.Connection, function: str) -> Question:
    edges = "SELECT id, source, target, cost FROM edge"

    def ask(start: int, goal: int) -> int | None:
        asked = f"SELECT agg_cost FROM {function}(%s, %s::bigint, %s::bigint, directed := false)"
        found = connection.execute(asked, (edges, start, goal)).fetchone()
        return None if found is None else round(found[0])

    return ask


def min_cost_flow(network: Network, weight: Ints, pairs: Sequence[tuple[int, int]]) -> list[tuple[float, int | None]]:
    """(milliseconds, cost) of each pair by OR-Tools; empty where it is not installed."""
    if find_spec("ortools") is None:
        print("MISSING PEER: OR-Tools is not installed, left out: python3 app/setup.py bench", flush=True)
        return []
    open_ = np.flatnonzero(weight >= 0)
    with tempfile.TemporaryDirectory(prefix="infrashare-bench-") as folder:
        file = Path(folder) / "pairs.npz"
        ends = {"tail": network.tail[open_], "head": network.head[open_], "cost": weight[open_]}
        np.savez(file, nodes=len(network), pairs=np.array(pairs), **ends)
        command = [sys.executable, "-m", "bench.flow_peer", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [(float(taken), cost) for taken, cost in json.loads(done.stdout)]


def timed(question: Question, pairs: Sequence[tuple[int, int]]) -> tuple[list[float], list[int | None]]:
    """Milliseconds and answers."""
    taken, said = [], []
    for start, goal in pairs:
        began = time.perf_counter()
        said.append(question(start, goal))
        taken.append((time.perf_counter() - began) * 1000)
    return taken, said
