"""`python -m bench [name …]`: run the measurements (all, `engine` for the engine's, or those named), keep what they found, render.

`engine` is one run: it begins with an empty `bench/results/engine.json`. `report` measures nothing and renders what is kept.
"""

from __future__ import annotations

import importlib
import sys

from bench.common import HERE
from bench.report import render
from bench.results_file import ENGINE, forget_engine, is_engine, keep


def jobs() -> list[str]:
    """Every module here that measures something."""
    return sorted(p.stem for p in HERE.glob("[a-z]*.py") if "\ndef run() -> " in p.read_text(encoding="utf-8"))


def main(wanted: list[str]) -> None:
    names = [name for name in wanted or [ENGINE, *(n for n in jobs() if not is_engine(n))] if name != "report"]
    if unknown := set(names) - {ENGINE, *jobs()}:
        sys.exit(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join([ENGINE, *jobs()])}")
    if ENGINE in names:
        forget_engine()
        names = [*filter(is_engine, jobs()), *(name for name in names if name != ENGINE and not is_engine(name))]
    for name in names:
        print(f"{name} …", flush=True)
        if rows := importlib.import_module(f"bench.{name}").run():
            print(keep(name, rows), flush=True)
            render()
    if not names:
        render()


if __name__ == "__main__":
    main(sys.argv[1:])
