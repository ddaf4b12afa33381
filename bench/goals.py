"""What the engine is to reach, and whether the rows say that it does.

A bench module adds two literals to this. `PROFILES`: goal → why it is missed, by a profile, and the nearest that holds.
`SHOWS`: goal → {"metric" | "instance" | "peer": pattern}, where its rows are named otherwise than here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from bench.common import HERE, Row

NATIONAL = r"^1M × 100k$"


@dataclass(frozen=True)
class Goal:
    """`of`: the row's `ours`, its `ratio` to the peer, or the `share` of its instances (`ours` of `n`). At most `limit`, or at
    least, where `least`; of several rows the worst counts, of shares all together. Patterns are searched in the row's fields; a
    peer's absence is ''."""

    id: str
    job: str
    words: str
    of: Literal["ours", "ratio", "share"]
    limit: float
    least: bool
    metric: str
    instance: str = ""
    peer: str = ""

    @property
    def title(self) -> str:
        return f"{self.job[1:3]} {self.words}"


def most(id_: str, job: str, words: str, limit: float, metric: str, instance: str = "") -> Goal:
    return Goal(id_, job, words, "ours", limit, False, metric, instance)


def times(id_: str, job: str, words: str, limit: float, metric: str, peer: str, instance: str = "") -> Goal:
    return Goal(id_, job, words, "ratio", limit, True, metric, instance, peer)


def every(id_: str, job: str, words: str, metric: str, instance: str) -> Goal:
    return Goal(id_, job, words, "share", 1.0, True, metric, instance)


J1, LINES, J2, J3, BOOKS, J4, NETS, J5 = (
    r"^J1 national batch$",
    r"^J1 national batch, lines$",
    r"^J2 ",
    r"^J3 allocation$",
    r"^J3 literature$",
    r"^J4 routes$",
    r"^J4 literature$",
    r"^J5 ",
)
GOALS: tuple[Goal, ...] = (
    most("j1.kernel", J1, "1M × 100k: warm kernel ≤ 0.25 s", 0.25, r"^s, warm kernel", NATIONAL),
    most(
        "j1.rows",
        r"^J1 ",
        "1M × 100k: PostgreSQL’s rows to the matches’ columns ≤ 3 s",
        3.0,
        r"^s, .*rows",
        r"1,000,000 × 100,000.*PostgreSQL",
    ),
    times("j1.postgis", J1, "1M × 100k: ≥ 150 × PostGIS, GiST (kind, geography)", 150, r"^s, warm kernel", r"^PostGIS", NATIONAL),
    times(
        "j1.peers",
        J1,
        "1M × 100k: ≥ 15 × the best of DuckDB, STRtree, cKDTree",
        15,
        r"^s, warm kernel",
        "DuckDB|STRtree|cKDTree",
        NATIONAL,
    ),
    most("lines.kernel", LINES, "450k lines ≤ 0.3 s", 0.3, r"^s, warm", r"^4[45]\dk"),
    times("lines.strtree", LINES, "450k lines: ≥ 6 × STRtree", 6, r"^s, warm", "STRtree", r"^4[45]\dk"),
    times("lines.postgis", LINES, "450k lines: ≥ 60 × PostGIS", 60, r"^s, warm", "PostGIS", r"^4[45]\dk"),
    most("j2.need", J2, "new need, p50 ≤ 10 µs", 10, r"^µs, (match a|new) need, p50"),
    most("j2.listing", J2, "changed listing, p50 ≤ 25 µs", 25, r"^µs, changed listing, p50"),
    most("j2.tail", J2, "either, p99 ≤ 100 µs in the engine", 100, r"^µs, (match a need|new need|changed listing), p99"),
    times("j2.need.postgis", J2, "new need: ≥ 100 × PostGIS", 100, r"^µs, (match a|new) need, p50", "PostGIS"),
    times("j2.listing.postgis", J2, "changed listing: ≥ 40 × PostGIS", 40, r"^µs, changed listing, p50", "PostGIS"),
    most("j3.a", J3, "market A: proven in ≤ 2 s", 2, r"^s to proof", "market A"),
    most("j3.b", J3, "market B: proven in ≤ 10 s", 10, r"^s( to proof)?$", "market B"),
    most("j3.b.gap", J3, "market B: gap 0", 0.0, r"^gap", "market B"),
    most("j3.c", J3, "market C: gap ≤ 1 % in 5 min", 1, r"^gap", "market C"),
    times("j3.highs", J3, "market A: ≥ 60 × HiGHS, undecomposed", 60, r"^s to proof", "HiGHS", "market A"),
    every(
        "j3.gap",
        BOOKS,
        "assignment instances: each within 0.1 % of the best known bound in 60 s",
        "within 0.1 %",
        "gap|chu|yagiura|beasley",
    ),
    every("j3.sscflp", BOOKS, "single-source location, Delmaire and Holmberg: optimal", "proven optimal", "sscflp"),
    most("j4.route", J4, "national network of 1.35M edges: a route, p50 ≤ 1 ms", 1, r"^national route, p50 ms"),
    most("j4.pair", J4, "a diverse pair, mean ≤ 50 ms", 50, r"^pair without a common section, .*mean ms"),
    times("j4.pgrouting", J4, "≥ 1,000 × pgRouting", 1000, r"^national route, p50 ms", "pgRouting"),
    times("j4.networkx", J4, "≥ 1,000 × networkx", 1000, r"^national route, p50 ms", "networkx"),
    times("j4.rustworkx", J4, "≥ 100 × rustworkx", 100, r"^national route, p50 ms", "rustworkx"),
    times("j4.ortools", J4, "pair: ≥ 40 × OR-Tools flow", 40, r"^pair", "OR-Tools"),
    every("j4.sndlib", NETS, "SNDlib and Kenya’s four operators: equal to LP or brute force", "equal|same|agree", ""),
    most("j5.time", J5, "100k needs ≤ 3 s", 3, r"^s$", r"^100,000"),
    most("j5.bound", J5, "sampled components ≤ 3 % above a proven bound", 3, "above the proven bound"),
    Goal("j5.built", J5, "100 % of groups can be built", "ours", 100, True, "groups that can be built"),
)


@dataclass(frozen=True)
class Reached:
    """`value` None: not measured. `times_better`: than the limit; below 1 the goal is missed."""

    goal: Goal
    value: float | None
    row: Row | None
    why: str | None

    @property
    def holds(self) -> bool | None:
        if self.value is None:
            return None
        return self.value >= self.goal.limit if self.goal.least else self.value <= self.goal.limit

    @property
    def times_better(self) -> float | None:
        if self.value is None or not self.value or not self.goal.limit:
            return None
        return self.value / self.goal.limit if self.goal.least else self.goal.limit / self.value


def reached(rows: Iterable[Row], goals: Iterable[Goal] = GOALS, modules: Path = HERE) -> list[Reached]:
    """Each goal by the worst of its rows."""
    kept, said = list(rows), _declared(modules, "PROFILES")
    shows = _declared(modules, "SHOWS")
    return [_reached(replace(goal, **shows.get(goal.id, {})), kept, said.get(goal.id)) for goal in goals]


def _reached(goal: Goal, rows: list[Row], why: str | None) -> Reached:
    found = [(value, row) for row in rows if _is_about(goal, row) and (value := _value(goal, row)) is not None]
    if not found:
        return Reached(goal, None, None, why)
    value, row = (min if goal.least else max)(found, key=lambda pair: pair[0])
    if goal.of == "share":
        counted = {(one["job"], one["instance"], one["metric"]): one for _, one in found}.values()  # once, whatever its peers
        row = cast(Row, {**row, "ours": sum(one["ours"] for one in counted), "n": sum(one["n"] for one in counted)})
        value = _value(goal, row)
    return Reached(goal, value, row, why)


def _is_about(goal: Goal, row: Row) -> bool:
    fields = (
        (goal.job, row["job"]),
        (goal.instance, row["instance"]),
        (goal.metric, row["metric"]),
        (goal.peer, row["peer"] or ""),
    )
    return all(re.search(pattern, text) for pattern, text in fields)


def _value(goal: Goal, row: Row) -> float | None:
    if goal.of == "share":
        return row["ours"] / row["n"]
    return row["ours"] if goal.of == "ours" else row["ratio"]


def _declared(modules: Path, name: str) -> Mapping[str, Any]:
    """The literal of that name in every bench module, read without importing what it measures with."""
    found: dict[str, Any] = {}
    for path in sorted(modules.glob("engine_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
            if any(isinstance(t, ast.Name) and t.id == name for t in targets) and node.value is not None:  # type: ignore[attr-defined]
                found |= ast.literal_eval(node.value)  # type: ignore[attr-defined]
    return found
