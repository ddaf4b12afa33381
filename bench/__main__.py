"""`python -m bench [name …]`: run the measurements (all, `engine` for the engine's, or those named), keep what they found, render.

`engine` is one run of all the engine's parts and begins with an empty `bench/results/engine.json`; `j1`, `lines`, `db`, `j2` and so
on are its parts. `engine --without j3` leaves parts out, and keeps their rows. `report` measures nothing and renders what is kept.

Each part runs in a process of its own and its rows are written when it ends: a part that breaks off takes nothing else with it,
is named at the end, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time

from bench.common import HERE
from bench.report import render
from bench.results_file import ENGINE, forget_engine, is_engine, keep

HERE_ALONE = "--in-this-process"


def jobs() -> list[str]:
    """Every module here that measures something."""
    return sorted(p.stem for p in HERE.glob("[a-z]*.py") if "\ndef run() -> " in p.read_text(encoding="utf-8"))


def named(word: str, known: list[str]) -> list[str]:
    """The modules of a word: a name, an engine's part without its prefix, or all parts that begin so (`j4` is `j4` and `j4_real`)."""
    if word == ENGINE:
        return [name for name in known if is_engine(name)]
    exact = [name for name in known if name in (word, f"{ENGINE}_{word}")]
    return exact + [name for name in known if name.startswith(f"{ENGINE}_{word}_")]


def chosen(wanted: list[str], without: list[str], known: list[str]) -> list[str]:
    """What to run, each once, in the order of the modules; exits at a word that names nothing."""
    for word in (*wanted, *without):
        if not named(word, known):
            sys.exit(f"no such measurement: {word}; there are {', '.join([ENGINE, *known])}")
    left_out = {name for word in without for name in named(word, known)}
    asked = {name for word in wanted or known for name in named(word, known)}
    return [name for name in known if name in asked - left_out]


def measure(name: str) -> None:
    """One part, here: its rows are kept and the page is rendered."""
    module = importlib.import_module(f"bench.{name}")
    if rows := module.run():
        print(keep(name, rows, whole=getattr(module, "WHOLE", False)), flush=True)
        render()
    else:
        print(f"NOTHING MEASURED: {name} wrote no rows", flush=True)


def main(arguments: list[str]) -> None:
    if HERE_ALONE in arguments:
        measure(arguments[-1])
        return
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"{ENGINE}, report, {', '.join(jobs())}; all of them without a name")
    parser.add_argument("--without", nargs="+", default=[], metavar="NAME", help="parts to leave out; what is kept of them stays")
    asked = parser.parse_args(arguments)
    wanted = [name for name in asked.names if name != "report"]
    names = chosen(wanted, asked.without, jobs()) if wanted or not asked.names else []
    if {name for name in jobs() if is_engine(name)} <= set(names):
        forget_engine()
    broken = [name for name in names if not _apart(name)]
    if not names:
        render()
    if broken:
        sys.exit(f"BROKEN OFF, without new rows: {', '.join(broken)}")


def _apart(name: str) -> bool:
    """A part in a process of its own; whether it came to its end."""
    print(f"{name} …", flush=True)
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "bench", HERE_ALONE, name], check=False)
    said = "done" if done.returncode == 0 else f"BROKEN OFF with status {done.returncode}"
    print(f"{name}: {said} after {time.monotonic() - begin:.0f} s", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main(sys.argv[1:])
