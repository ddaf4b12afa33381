"""`docs/benchmarks.md` and its plots, from everything in `bench/results`: goals first, then the engine's jobs, then the rest."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from bench import plots
from bench.common import HERE, Row, shown
from bench.goals import Reached, reached
from bench.results_file import ENGINE, RESULTS, read

DOCS = HERE.parent / "docs"
PLOTS = "plots"
OPENING = """# Benchmarks

Made by `make bench-engine` and `make bench` from `bench/results`: medians of interleaved runs, at least five, three of a peer slower
than 30 s. `make bench-engine PARTS="j1 j2"` measures some parts and leaves the other rows, `PARTS="engine --without j3"` leaves
some out; `python -m bench --help` names them. Each part runs in a process of its own and writes its rows when it ends.

A ratio above 1 means that ours is better. *Load* is how many processes wanted a core in the minute before: more than the machine has
cores means that it was shared, and that times are longer than alone; ratios suffer less, for both sides had the same company.
*Processor* is the time that our side's threads took of it, which a shared machine does not stretch."""
COLUMNS: Mapping[str, Callable[[Row], str]] = {
    "instance": lambda r: r["instance"],
    "metric": lambda r: r["metric"],
    "ours": lambda r: shown(r["ours"]),
    "spread": lambda r: r.get("spread") or "",
    "processor": lambda r: shown(r.get("cpu")),
    "peer": lambda r: r["peer"] or "",
    "peer's": lambda r: shown(r["peer_value"]),
    "ratio": lambda r: shown(r["ratio"]),
    "n": lambda r: str(r["n"]),
    "load": lambda r: shown(r.get("load")),
    "at": lambda r: r["at"][:10],
}
NUMBERS = {"ours", "processor", "peer's", "ratio", "n", "load"}


def render(results: Path = RESULTS, docs: Path = DOCS) -> None:
    """Write the page and its plots; plots of jobs that are no more are removed."""
    engine = read(results / f"{ENGINE}.json")
    rest = {path.stem: read(path) for path in sorted(results.glob("*.json")) if path.stem != ENGINE}
    found, drawn = reached(engine), dict[str, str]()
    lines = [OPENING, "", *_goals(found, drawn)]
    for job, rows in groupby(sorted(engine, key=lambda r: r["job"]), key=lambda r: r["job"]):
        lines += _section(job, list(rows), drawn)
    for name, kept in rest.items():
        lines += ["", f"## {name}", "", *_remark(HERE / f"{name}.py"), "", *_table(kept, ("job",))]
    machines = sorted({row["machine"] for kept in (engine, *rest.values()) for row in kept})
    lines += ["", *(f"Machine: {name}" for name in machines), ""]
    (docs / PLOTS).mkdir(parents=True, exist_ok=True)
    for old in (docs / PLOTS).glob("*.svg"):
        old.unlink()
    for name, picture in drawn.items():
        (docs / PLOTS / f"{name}.svg").write_text(picture, encoding="utf-8")
    (docs / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")


def _goals(found: Sequence[Reached], drawn: dict[str, str]) -> list[str]:
    lines = ["## Goals of the engine", "", *_picture("goals", plots.goals(found), "Goals and what was reached", drawn)]
    lines += ["| goal | reached | processor | load | holds |", "| --- | ---: | ---: | ---: | --- |"]
    for one in found:
        cells = ("", "", "") if one.row is None else (_value(one), shown(one.row.get("cpu")), shown(one.row.get("load")))
        holds = {True: "yes", False: "**no**", None: "not measured"}[one.holds]
        lines.append("| " + " | ".join((one.goal.title, *cells, holds)) + " |")
    missed = [one for one in found if not one.holds and one.why]
    return (
        lines
        if not missed
        else [*lines, "", "### Where a goal is missed", "", *(f"- **{o.goal.title}.** {_flat(o.why)}" for o in missed)]
    )


def _value(one: Reached) -> str:
    words = shown(one.value)
    if one.goal.of == "share" and one.row is not None:
        return f"{one.row['ours']:g} of {one.row['n']}"
    return f"{words} ×" if one.goal.of == "ratio" else words


def _section(job: str, rows: list[Row], drawn: dict[str, str]) -> list[str]:
    """A job's plot, what its modules say of themselves, and its rows."""
    slug = re.sub(r"[^a-z0-9]+", "-", job.lower()).strip("-")
    lines = ["", f"## {job}", "", *_picture(slug, plots.timed(job, rows), f"{job}: ours beside the peers", drawn)]
    for path in _modules(job):
        lines += [*_remark(path), ""]
    return [*lines, *_table(rows)]


def _picture(name: str, picture: str | None, words: str, drawn: dict[str, str]) -> list[str]:
    if picture is None:
        return []
    drawn[name] = picture
    return [f"![{words}]({PLOTS}/{name}.svg)", ""]


def _modules(job: str) -> list[Path]:
    """The bench modules that name this job in a literal of theirs."""
    found = []
    for path in sorted(HERE.glob("engine_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.Constant) and node.value == job for node in ast.walk(tree)):
            found.append(path)
    return found


def _remark(source: Path) -> list[str]:
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) if source.exists() else None
    return (said or "").splitlines()


def _table(rows: Sequence[Row], first: Sequence[str] = ()) -> list[str]:
    names = [*first, *COLUMNS]
    head = ["| " + " | ".join(names) + " |", "| " + " | ".join("---:" if name in NUMBERS else "---" for name in names) + " |"]
    return [
        *head,
        *("| " + " | ".join([*(r["job"] for _ in first), *(cell(r) for cell in COLUMNS.values())]) + " |" for r in rows),
    ]


def _flat(words: str | None) -> str:
    return " ".join((words or "").split())
