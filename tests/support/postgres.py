"""A scratch PostgreSQL cluster with PostGIS for one test session: its own data folder, socket and port; nothing is kept.

The first test process that needs it starts it under a lock, the session's first process stops it. `fsync` is off: never use
it for data.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

OLDEST = 15
INSTALL = "apt-get install -y postgresql postgis postgresql-15-postgis-3"
SUPERUSER = "postgres"
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "jit": "off",
}


# Ends the cluster when the run's first process is gone without having stopped it: killed, or out of time.
# With a third word its files stay.
WATCH = """
while kill -0 "$1" 2>/dev/null && [ -d "$2" ]; do sleep 1; done
[ -d "$2" ] || exit 0
[ ! -e "$2/data/postmaster.pid" ] || kill -QUIT "$(head -n 1 "$2/data/postmaster.pid")"
sleep 1
[ -n "$3" ] || rm -rf "$2"
"""


class ClusterError(RuntimeError):
    """PostgreSQL did not do what it was asked; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: where its programs, its files and its socket are."""

    bindir: str
    folder: str
    port: int

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}&port={self.port}"

    def sql(self, database: str, *statements: str) -> str:
        """Run statements one after another, outside a transaction, and return what the last printed."""
        commands = [part for statement in statements for part in ("-c", statement)]
        psql = [
            f"{self.bindir}/psql",
            "-XqAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.folder,
            "-p",
            str(self.port),
            "-U",
            SUPERUSER,
            database,
        ]
        return run([*psql, *commands]).strip()

    def stop(self) -> None:
        self.rest("immediate")
        shutil.rmtree(self.folder)

    def rest(self, mode: str = "fast") -> None:
        """Stop the server and leave its files: `boot` starts it again."""
        run(as_server_user([f"{self.bindir}/pg_ctl", "-D", f"{self.folder}/data", "-m", mode, "-w", "stop"]), cwd=self.folder)


def run(command: Sequence[str], *, cwd: str | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    if done.returncode:
        raise ClusterError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def bindir() -> str | None:
    """The folder of the newest PostgreSQL server's programs, if one new enough is installed with PostGIS."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if int(path.parts[-3]) >= OLDEST]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    for folder in sorted(found, reverse=True):
        share = run([str(folder / "pg_config"), "--sharedir"]).strip()
        if (Path(share) / "extension" / "postgis.control").exists():
            return str(folder)
    return None


def as_server_user(command: Sequence[str]) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user that its package made."""
    return (
        list(command) if os.geteuid() else ["setpriv", f"--reuid={SUPERUSER}", f"--regid={SUPERUSER}", "--init-groups", *command]
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(programs: str, settings: Mapping[str, str] = SETTINGS, *, parent: Path | None = None) -> Cluster:
    """Make a cluster in a temporary folder and start it; about two seconds. In a folder of `parent`, its files outlive its process."""
    folder = tempfile.mkdtemp(prefix="infrashare-pg-", dir=parent)
    if not os.geteuid():
        owner = pwd.getpwnam(SUPERUSER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        Path(folder).chmod(0o755)
    port = free_port()
    initdb = [
        f"{programs}/initdb",
        "-D",
        f"{folder}/data",
        "-U",
        SUPERUSER,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    run(as_server_user(initdb), cwd=folder)
    cluster = Cluster(programs, folder, port)
    boot(cluster, settings)
    watch(folder, stays=parent is not None)
    return cluster


def boot(cluster: Cluster, settings: Mapping[str, str] = SETTINGS) -> None:
    """Start the server of a cluster that stands still; after a crash it recovers first."""
    folder = cluster.folder
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(cluster.port),
        "unix_socket_directories": folder,
        **settings,
    }
    flags = " ".join(f"-c {name}={value}" for name, value in options.items())
    run(
        as_server_user([f"{cluster.bindir}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", flags, "start"]),
        cwd=folder,
    )


def watch(folder: str, *, stays: bool = False) -> None:
    first = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    quiet = subprocess.DEVNULL
    subprocess.Popen(
        ["sh", "-c", WATCH, "sh", str(first), folder, "stays" if stays else ""],
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        start_new_session=True,
    )


@contextmanager
def locked(shared: Path) -> Iterator[None]:
    """Only one test process at a time."""
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def shared_cluster(shared: Path) -> Cluster | None:
    """The session's cluster, started by the first to ask; None where PostgreSQL is not installed."""
    with locked(shared):
        note = shared / "cluster.json"
        if note.exists():
            return Cluster(**json.loads(note.read_text()))
        programs = bindir()
        if programs is None:
            return None
        cluster = start(programs)
        note.write_text(json.dumps(asdict(cluster)))
        return cluster


def stop_shared(shared: Path) -> None:
    """Stop the session's cluster if a test started one."""
    note = shared / "cluster.json"
    if note.exists():
        Cluster(**json.loads(note.read_text())).stop()
        note.unlink()
