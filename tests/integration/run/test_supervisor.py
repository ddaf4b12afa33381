"""`make run`'s foreground: says the address only when the server answers, and never leaves half of itself behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import ROOT
from app.serve import is_free

# A stand-alone program around the real Supervisor: two services written as one-line programs, a health file instead of a port.
PROGRAM = """
import sys
from pathlib import Path
from app.serve import Service, Supervisor, say
folder = Path(sys.argv[1])
services = [Service(name, [sys.executable, "-c", code, str(folder)]) for name, code in zip(("web server", "job worker"), sys.argv[2:4])]
answers = lambda: (folder / "healthy").exists()
sys.exit(Supervisor(services, answers, lambda: say("READY"), start_limit_s=float(sys.argv[4]), stop_limit_s=2.0).run())
"""
LIVES = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1], f'pid{os.getpid()}').touch(); time.sleep(60)"
BECOMES_HEALTHY = LIVES.replace(
    "; time.sleep(60)", "; time.sleep(0.6); pathlib.Path(sys.argv[1], 'healthy').touch(); time.sleep(60)"
)
IGNORES_TERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + BECOMES_HEALTHY
DIES_LATER = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1], 'healthy').exists(): time.sleep(0.05)\ntime.sleep(0.4); sys.exit(7)"

Started = subprocess.Popen[str]


class Runner:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Started] = []

    def start(self, server: str, worker: str, limit_s: float = 20.0) -> Started:
        command = [sys.executable, "-c", PROGRAM, str(self.folder), server, worker, str(limit_s)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        return process

    def pids(self) -> list[int]:
        return [int(path.name.removeprefix("pid")) for path in self.folder.glob("pid*")]

    def survivors(self) -> list[int]:
        return [pid for pid in self.pids() if Path(f"/proc/{pid}").exists()]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    made = Runner(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
    for pid in made.survivors():
        os.kill(pid, signal.SIGKILL)
    for process in made.started:
        process.communicate()


def first_line(process: Started) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_it_says_ready_only_after_the_server_answers(runner: Runner) -> None:
    began = time.monotonic()
    process = runner.start(BECOMES_HEALTHY, LIVES)
    assert first_line(process) == "READY"
    assert (runner.folder / "healthy").exists()
    assert time.monotonic() - began > 0.6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_both_and_ends_well(runner: Runner, number: signal.Signals) -> None:
    process = runner.start(BECOMES_HEALTHY, LIVES)
    first_line(process)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert len(runner.pids()) == 2
    assert runner.survivors() == []


def test_a_signal_before_the_server_answers_stops_both_too(runner: Runner) -> None:
    process = runner.start(LIVES, LIVES)
    while len(runner.pids()) < 2:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "READY" not in output
    assert runner.survivors() == []


def test_when_the_worker_dies_it_is_said_and_the_server_is_stopped(runner: Runner) -> None:
    process = runner.start(BECOMES_HEALTHY, DIES_LATER)
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 1
    assert output.splitlines() == ["READY", "The job worker ended with exit status 7; stopping the rest."]
    assert runner.survivors() == []


def test_when_the_server_is_killed_the_signal_is_named(runner: Runner) -> None:
    process = runner.start(BECOMES_HEALTHY, LIVES)
    first_line(process)
    assert process.stdout is not None
    server = next(pid for pid in runner.pids() if "healthy" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(server, signal.SIGKILL)
    assert process.wait(10) == 1
    assert process.stdout.read() == "The web server was ended by signal SIGKILL; stopping the rest.\n"
    assert runner.survivors() == []


def test_a_server_that_never_answers_is_given_up(runner: Runner) -> None:
    process = runner.start(LIVES, LIVES, limit_s=1.0)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert output == "The server did not answer within 1 s.\n"
    assert runner.survivors() == []


def test_a_service_that_ignores_the_request_to_stop_is_ended(runner: Runner) -> None:
    process = runner.start(IGNORES_TERM, LIVES)
    first_line(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert runner.survivors() == []


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) binds the services to their supervisor")
def test_nothing_survives_when_it_is_killed_outright(runner: Runner) -> None:
    process = runner.start(BECOMES_HEALTHY, LIVES)
    first_line(process)
    process.kill()
    limit = time.monotonic() + 5
    while runner.survivors() and time.monotonic() < limit:
        time.sleep(0.02)
    assert runner.survivors() == []


def test_a_taken_port_is_seen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free("127.0.0.1", port)
    assert is_free("127.0.0.1", port)
