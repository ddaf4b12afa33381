"""`python -m bench [name …]`: run the measurements (all of them, or those named) and keep what they found."""

from __future__ import annotations

import importlib
import sys

from bench.common import HERE, write

NOT_JOBS = {"common", "nz", "databases", "market", "server"}


def main(wanted: list[str]) -> None:
    names = sorted(p.stem for p in HERE.glob("[a-z]*.py") if p.stem not in NOT_JOBS)
    for name in wanted or names:
        job = importlib.import_module(f"bench.{name}")
        if hasattr(job, "run") and (rows := job.run()):
            print(write(name, rows))


if __name__ == "__main__":
    main(sys.argv[1:])
