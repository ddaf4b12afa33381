"""A scratch RabbitMQ on free ports: its own data folder, its own name server, its own process group; nothing is kept."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from tests.support import missing, postgres

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one behind Debian's wrapper, which wants its own folders
USER = "rabbitmq"
PATIENCE_S = 90.0
INSTALL = "apt-get install -y --no-install-recommends rabbitmq-server"

# The broker lives as long as whoever started it.
WATCH = """
$3 epmd -port "$ERL_EPMD_PORT" & $3 "$2" &
while kill -0 "$1" 2>/dev/null; do sleep 1; done
kill -KILL 0
"""


@dataclass
class Broker:
    """One node; `kill` and `start` it as often as wanted, its port and its messages stay."""

    folder: str
    port: int
    other_ports: tuple[int, int]
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def start(self) -> None:
        """Returns when it answers."""
        own = f"setpriv --reuid={USER} --regid={USER} --init-groups" if not os.geteuid() else ""
        with (Path(self.folder) / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", WATCH, "sh", str(os.getpid()), str(PROGRAM), own],
                cwd=self.folder,
                env={**os.environ, **self._settings()},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        limit = time.monotonic() + PATIENCE_S
        while not self.answers():
            assert time.monotonic() < limit, (Path(self.folder) / "log").read_text()[-4000:]
            time.sleep(0.2)

    def _settings(self) -> dict[str, str]:
        at, (distribution, names) = self.folder, self.other_ports
        return {
            "HOME": at,
            "RABBITMQ_NODENAME": f"infrashare{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{at}/none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{at}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{at}/data",
            "RABBITMQ_SCHEMA_DIR": f"{at}/schema",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{at}/generated",
            "RABBITMQ_LOG_BASE": f"{at}/logs",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": f"{at}/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }

    def answers(self) -> bool:
        try:
            pika.BlockingConnection(pika.URLParameters(self.url)).close()
        except (AMQPError, OSError):
            return False
        return True

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def running() -> Iterator[Broker]:
    """A broker of the caller's own; skips the test, or fails it in CI, where RabbitMQ is not installed."""
    if not PROGRAM.exists():
        missing.lacking("RabbitMQ", INSTALL)
    folder = tempfile.mkdtemp(prefix="infrashare-mq-")
    if not os.geteuid():
        owner = pwd.getpwnam(USER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        Path(folder).chmod(0o755)
    broker = Broker(folder, postgres.free_port(), (postgres.free_port(), postgres.free_port()))
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)
