"""`flask match run --partitions N --engine dask`: a scheduler and two workers as they are started by hand, one killed with parts
on it; what is stored is one machine's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.config import ROOT
from app.matching.models import MatchRun
from app.matching.run import run_now
from tests.integration.matching.test_live import market_of, quiet, stored
from tests.support import postgres
from tests.support.asking import Region

pytestmark = pytest.mark.slow
PATIENCE_S = 90.0
distributed: Any = pytest.importorskip("distributed", reason="install requirements-dev.txt to run parts on Dask")


@contextmanager
def dask(folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=ROOT,
            env={**os.environ, "ENGINE_BACKEND": "numpy"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], Any], folder: Path) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < limit, (folder / "log").read_text()[-4000:]
        time.sleep(0.05)


def test_the_command_runs_on_dask_and_a_worker_dies(region: Region, tmp_path: Path) -> None:
    market_of(region)
    _, whole = run_now(region.bus, None, quiet)
    before = stored(region.bus)
    address = f"tcp://127.0.0.1:{postgres.free_port()}"
    worker = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]
    with (
        dask(tmp_path, "scheduler", "--host", address, "--no-dashboard") as _,
        dask(tmp_path, *worker, "--name", "stays") as _,
        dask(tmp_path, *worker, "--name", "dies") as dying,
        distributed.Client(address, timeout=PATIENCE_S) as client,
    ):
        client.wait_for_workers(2, timeout=PATIENCE_S)
        os.kill(dying.pid, signal.SIGSTOP)  # it takes parts and brings none back
        lost = list[Any]()

        def kill() -> None:
            def taken() -> list[Any]:
                workers = client.scheduler_info(n_workers=-1)["workers"]
                names = {where: told["name"] for where, told in workers.items()}
                return [part for where, parts in client.processing().items() if names.get(where) == "dies" for part in parts]

            until(taken, tmp_path)
            lost.extend(taken())
            dying.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        answer = region.app.test_cli_runner().invoke(
            args=f"match run --partitions 4 --engine dask --scheduler {address} --folder {tmp_path}/parts --deadline {PATIENCE_S:.0f}"
        )
        killer.join()
    assert answer.exit_code == 0, (answer.output, answer.exception)
    assert lost
    assert dying.returncode == -signal.SIGKILL
    with region.bus.database.read() as session:
        hashes = set(session.execute(select(MatchRun.input_hash, MatchRun.answer_hash)).all())
    assert hashes == {(whole.input_hash, whole.answer_hash)}
    assert stored(region.bus) == before


def test_a_scheduler_without_workers_ends_in_time(region: Region, tmp_path: Path) -> None:
    market_of(region)
    address = f"tcp://127.0.0.1:{postgres.free_port()}"
    with dask(tmp_path, "scheduler", "--host", address, "--no-dashboard") as _:
        answer = region.app.test_cli_runner().invoke(
            args=f"match run --partitions 2 --engine dask --scheduler {address} --folder {tmp_path}/parts --deadline 2"
        )
    assert answer.exit_code == 1
    assert "not done within 2 s" in answer.output
    with region.bus.database.read() as session:
        assert session.scalars(select(MatchRun.status)).all() == ["cancelled"]


def test_no_scheduler_is_told_within_the_deadline(region: Region, tmp_path: Path) -> None:
    market_of(region)
    begun, address = time.monotonic(), f"tcp://127.0.0.1:{postgres.free_port()}"
    answer = region.app.test_cli_runner().invoke(
        args=f"match run --partitions 2 --engine dask --scheduler {address} --folder {tmp_path}/parts --deadline 2"
    )
    assert (answer.exit_code, time.monotonic() - begun < 10) == (1, True)
    assert address in answer.output
