"""Where rows are kept: the engine's in one file, `bench/results/engine.json`, every other job's in a file of its own."""

from __future__ import annotations

import json
from pathlib import Path

from bench.common import HERE, Row

RESULTS = HERE / "results"
ENGINE = "engine"
SHOWN_FIRST = ("J1", "J2", "J3", "J4", "J5")


def is_engine(name: str) -> bool:
    return name.startswith(f"{ENGINE}_")


def read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return rows


def keep(name: str, rows: list[Row], folder: Path = RESULTS, whole: bool = False) -> Path:
    """Keep a job's rows. In the engine's file they take the place of the rows of the same job and instance; of the same job, when
    they are the `whole` of it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{ENGINE if is_engine(name) else name}.json"
    if is_engine(name):
        anew, jobs = {(r["job"], r["instance"]) for r in rows}, {r["job"] for r in rows if whole}
        old = [r for r in read(path) if r["job"] not in jobs and (r["job"], r["instance"]) not in anew]
        rows = sorted([*old, *rows], key=lambda r: r["job"])
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def forget_engine(folder: Path = RESULTS) -> None:
    """Before one run of all of the engine's measurements: nothing of an older run stays among them."""
    (folder / f"{ENGINE}.json").unlink(missing_ok=True)
