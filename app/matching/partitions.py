"""A run over several machines: the batch cut into parts that workers take from the job table, or a Dask cluster, and merged.

The parts lie in a folder that every machine sees. Whoever waits for them merges; a part that is asked for twice is solved once.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.db.jobs import Job
from app.db.work import Bus, UnitOfWork
from app.engine import Params, Problem, Result, Stop
from app.engine.partition import merge, read_part, solve_folder, split, write_problem
from app.kernel.actor import SYSTEM
from app.kernel.ids import new_ref
from app.matching.run import SEED, Report, Solver

PART = "match.part"
POLL_S = 0.2
CONNECT_S = 30  # within which a Dask scheduler answers

Carrier = Callable[[list[str], Stop, Report], None]  # has every part solved


class PartFailed(Exception):
    """A part could not be solved; the message is the worker's."""


def in_parts(folder: Path, count: int, carrier: Carrier) -> Solver:
    """A solver that cuts, has every part solved by `carrier` and merges: exactly the result of one machine. The parts lie in a
    new folder below `folder` and are removed afterwards."""

    def solver(problem: Problem, stop: Stop, report: Report) -> Result:
        params, place = Params(), folder / new_ref()
        place.mkdir(parents=True)
        try:
            folders, begun = [], time.perf_counter()
            for number, part in enumerate(split(problem, count, params)):
                write_problem(place / str(number), part, params)
                folders.append(str(place / str(number)))
            cut = time.perf_counter()
            carrier(folders, stop, report)
            solved = time.perf_counter()
            merged = merge(problem, [read_part(Path(name)) for name in folders], params, SEED)
            spans = {"split": cut - begun, "match": solved - cut, "merge": time.perf_counter() - solved}
            return replace(merged, timings={name: round(span, 6) for name, span in spans.items()})
        finally:
            shutil.rmtree(place)

    return solver


def by_jobs(bus: Bus) -> Carrier:
    """Workers of the job table solve the parts."""

    def solve(folders: list[str], stop: Stop, report: Report) -> None:
        ids = bus.execute(_queue, SYSTEM, folders)
        while True:
            stop.check()
            with bus.database.read() as session:
                states = [tuple(row) for row in session.execute(select(Job.state, Job.message).where(Job.id.in_(ids)))]
            if broken := [message for state, message in states if state in ("failed", "cancelled")]:
                raise PartFailed(broken[0] or "cancelled")
            done = sum(state == "done" for state, _ in states)
            report(20 + 60 * done // len(ids), f"{done}/{len(ids)}")
            if done == len(ids):
                return
            time.sleep(POLL_S)

    return solve


def _queue(work: UnitOfWork, folders: list[str]) -> list[int]:
    return [work.enqueue(PART, {"folder": folder}) for folder in folders]


def _taken(future: Any) -> None:
    """Whatever a part failed of, a worker that died again and again too, in the run's own words."""
    try:
        future.result()
    except Exception as error:
        raise PartFailed(f"{type(error).__name__}: {error}") from error


def by_dask(address: str) -> Carrier:
    """The same tasks on a Dask cluster; needs the package `distributed`."""

    def solve(folders: list[str], stop: Stop, report: Report) -> None:
        try:
            distributed: Any = import_module("distributed")
        except ImportError:
            raise PartFailed("Dask is not installed here: the package distributed") from None
        with distributed.Client(address, timeout=min(CONNECT_S, stop.left_s())) as client:
            open_ = {client.submit(solve_folder, folder, pure=False) for folder in folders}
            while open_:
                stop.check()
                try:
                    done, open_ = distributed.wait(open_, timeout=POLL_S, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    continue
                for future in done:
                    _taken(future)
                report(20 + 60 * (len(folders) - len(open_)) // len(folders), f"{len(folders) - len(open_)}/{len(folders)}")

    return solve
