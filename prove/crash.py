"""Kills a scratch PostgreSQL outright, or fills its disk, while a server is in the middle of something; then starts it again."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from prove.failing import Server
from tests.support import postgres

DURABLE = {
    **postgres.SETTINGS,
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "restart_after_crash": "on",
    "recovery_init_sync_method": "syncfs",
}
LIMIT_S = 30.0


def _postmaster(cluster: postgres.Cluster) -> int:
    return int(Path(cluster.folder, "data/postmaster.pid").read_text().splitlines()[0])


def _children(parent: int) -> list[int]:
    """The processes that the server started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.append(int(entry.name))
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def crash(cluster: postgres.Cluster, server: Server) -> None:
    """`kill -9` the postmaster and every process of its own, then the server that was using it; start PostgreSQL again."""
    postmaster = _postmaster(cluster)
    every = [postmaster, *_children(postmaster)]
    for pid in every:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    end = time.monotonic() + LIMIT_S
    while any(_alive(pid) for pid in every) and time.monotonic() < end:
        time.sleep(0.05)
    postgres.boot(cluster, DURABLE)


def disk_full(cluster: postgres.Cluster, server: Server) -> None:
    """No process of PostgreSQL that is busy for `server` may make any file longer; then the server goes on, to its commit.

    PostgreSQL cannot write its log, stops everybody and recovers by itself."""
    with psycopg.connect(cluster.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        busy = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"
        for (pid,) in connection.execute(busy).fetchall():
            postgres.run(postgres.as_server_user(["prlimit", f"--pid={pid}", "--fsize=0:0"]), cwd=cluster.folder)
    os.kill(server.pid, signal.SIGUSR1)
    answered(cluster)


def answered(cluster: postgres.Cluster) -> None:
    """Wait until PostgreSQL has recovered."""
    end = time.monotonic() + LIMIT_S
    time.sleep(0.5)
    while time.monotonic() < end:
        with suppress(psycopg.OperationalError):
            psycopg.connect(cluster.url("postgres").replace("+psycopg", ""), connect_timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not come back")
