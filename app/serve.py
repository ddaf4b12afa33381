"""The foreground of `make run`: gunicorn and one job worker, announced when they answer, stopped together.

Neither is restarted in silence: when one dies, that is said, the other is stopped, and the exit status is not zero.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from app.config import ROOT, Settings, SettingsError

WORKERS, THREADS = 2, 8
START_LIMIT_S = 180.0  # a busy machine imports the application slowly; a server that dies is noticed at once
STOP_LIMIT_S = 15.0
POLL_S = 0.1
DIRECT = build_opener(ProxyHandler({}))  # an office's proxy has no business on loopback
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Service:
    """One process to keep: what it is called, and its command line."""

    name: str
    command: Sequence[str]


def say(line: str = "") -> None:
    print(line, flush=True)


@dataclass
class Supervisor:
    """Starts `services`, waits until `answers()`, calls `ready()`, then waits for a signal or a death."""

    services: Sequence[Service]
    answers: Callable[[], bool]
    ready: Callable[[], None]
    start_limit_s: float = START_LIMIT_S
    stop_limit_s: float = STOP_LIMIT_S
    stopping: threading.Event = field(default_factory=threading.Event)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self) -> int:
        """The exit status: 0 when asked to stop, 1 when a service died or never answered."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            return self._run()
        finally:
            self._stop_all()

    def _run(self) -> int:
        for service in self.services:
            # a session of its own: Ctrl-C reaches this process only, which stops both in order
            self.running[service.name] = subprocess.Popen([*_bound(), *service.command], cwd=ROOT, start_new_session=True)
        if not self._wait_for_answer():
            return 0 if self.stopping.is_set() else 1
        self.ready()
        while not self.stopping.wait(POLL_S):
            if self._somebody_died():
                return 1
        say("Stopping.")
        return 0

    def _wait_for_answer(self) -> bool:
        limit = time.monotonic() + self.start_limit_s
        while time.monotonic() < limit:
            if self._somebody_died():
                return False
            if self.answers():
                return True
            if self.stopping.wait(POLL_S):
                return False
        say(f"The server did not answer within {self.start_limit_s:.0f} s.")
        return False

    def _somebody_died(self) -> bool:
        dead = [(name, process.returncode) for name, process in self.running.items() if process.poll() is not None]
        for name, status in dead:
            how = f"was ended by signal {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"
            say(f"The {name} {how}; stopping the rest.")
        return bool(dead)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _stop_all(self) -> None:
        """Ask every service to end, and end those that have not after the limit."""
        for process in self.running.values():
            _signal_group(process, signal.SIGTERM)
        limit = time.monotonic() + self.stop_limit_s
        for process in self.running.values():
            try:
                process.wait(max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()


def _bound() -> list[str]:
    """Where the system can: a service is asked to end even when this process is killed outright."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # the leader and all that it started are gone
        os.killpg(process.pid, number)


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def healthz_answers(url: str) -> bool:
    try:
        with DIRECT.open(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def services(settings: Settings) -> tuple[Service, Service]:
    server = [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--workers",
        str(WORKERS),
        "--threads",
        str(THREADS),
        "--no-control-socket",
        "--bind",
        address(settings).removeprefix("http://"),
        "--log-level",
        "warning",
        "wsgi:app",
    ]
    return Service("web server", server), Service("job worker", flask_command("jobs", "work"))


def flask_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def announcement(settings: Settings, sign_ins: str) -> str:
    """What is said once the server answers: where it is, and how to get in."""
    lines = ["", f"  Infrashare is running at {address(settings)}", ""]
    if settings.demo:
        lines += ["  Demo sign-ins, on this machine only:", *(f"    {line}" for line in sign_ins.splitlines())]
    else:
        lines += [
            "  No demo accounts (DEMO=0). Create the first administrator in another terminal:",
            '    .venv/bin/flask --app wsgi accounts create-admin --email YOU@EXAMPLE.ORG --name "YOUR NAME"',
        ]
    return "\n".join([*lines, "", "  Ctrl-C stops it.", ""])


def prepare() -> str | None:
    """Bring the database to where the server can start; the demo sign-ins, or None when that failed and was told."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", prefix="infrashare-") as note:
        done = subprocess.run([sys.executable, "-m", "app.prepare", note.name], cwd=ROOT, check=False)
        return None if done.returncode else note.read()


def main() -> int:
    """Prepare the database, serve until asked to stop."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        say(str(error))
        return 2
    if not is_free(settings.host, settings.port):
        say(f"Port {settings.port} is taken. Stop what listens there, or choose another: make run PORT={settings.port + 1}")
        return 1
    sign_ins = prepare()
    if sign_ins is None:
        return 1
    supervisor = Supervisor(
        services(settings),
        answers=lambda: healthz_answers(address(settings)),
        ready=lambda: say(announcement(settings, sign_ins)),
    )
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
