"""The benchmarks' book-keeping: rows are kept in one file, goals are judged by their worst row, and the page says what rows say."""

from __future__ import annotations

import ast
import re
import subprocess
import time
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest

import bench.__main__
from bench import common, plots
from bench.__main__ import chosen
from bench.common import HERE, Row, Taken, interleaved, medians, row
from bench.goals import GOALS, Goal, reached
from bench.report import DOCS, render
from bench.results_file import RESULTS, forget_engine, keep, read

FIELDS = {"job", "instance", "metric", "ours", "peer", "peer_value", "ratio", "n", "machine", "at"}
BESIDE = {"spread", "load", "cpu", "peer_cpu"}


def a_row(job: str = "J1 x", instance: str = "small", ours: float = 1.0, n: int = 5, peer_value: float | None = 2.0) -> Row:
    return row(job, instance, "s, warm", ours, n, None if peer_value is None else "PostGIS", peer_value)


def test_rows_are_as_agreed() -> None:
    for path in RESULTS.glob("*.json"):
        for one in read(path):
            assert FIELDS <= set(one) <= FIELDS | BESIDE
            assert (one["peer"] is None) == (one["peer_value"] is None)
    assert {path.stem for path in RESULTS.glob("engine*.json")} == {"engine"}


def test_jobs_take_turns_and_a_slow_one_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "SLOW_S", 0.01)
    order = list[str]()

    def slow() -> None:
        order.append("slow")
        time.sleep(0.02)

    taken = interleaved({"quick": lambda: order.append("quick"), "slow": slow}, 5)
    assert order == ["quick", "slow"] * 3 + ["quick"] * 2
    assert [len(taken[name]) for name in ("quick", "slow")] == [5, 3] == [len(taken.cpu[name]) for name in ("quick", "slow")]


def test_the_processors_time_is_kept_where_it_was_ours() -> None:
    taken = Taken(["ours", "peer"])
    taken["ours"], taken.cpu["ours"] = [2.0, 1.0, 3.0], [3.9, 1.8, 5.0]
    taken["peer"], taken.cpu["peer"] = [8.0], [0.1]  # it waited for another process
    (found,) = medians("J1 x", "small", "s", taken, "ours")
    assert (found["ours"], found["peer_value"], found["ratio"], found["n"]) == (2.0, 8.0, 4.0, 1)
    assert found["cpu"] == 3.9
    assert "peer_cpu" not in found


def test_the_engines_rows_share_a_file_and_replace_their_own(tmp_path: Path) -> None:
    keep("engine_a", [a_row(instance="small"), a_row(instance="large")], tmp_path)
    keep("engine_b", [a_row("J2 y")], tmp_path)
    keep("engine_a", [a_row(instance="small", ours=0.5)], tmp_path)
    keep("import_rows", [a_row("import")], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["engine.json", "import_rows.json"]
    kept = {(r["job"], r["instance"]): r["ours"] for r in read(tmp_path / "engine.json")}
    assert kept == {("J1 x", "small"): 0.5, ("J1 x", "large"): 1.0, ("J2 y", "small"): 1.0}
    forget_engine(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["import_rows.json"]


def test_a_whole_job_leaves_no_row_of_an_older_run(tmp_path: Path) -> None:
    keep("engine_a", [a_row(instance="small"), a_row(instance="large"), a_row("J2 y")], tmp_path)
    keep("engine_a", [a_row(instance="larger")], tmp_path, whole=True)
    assert [(r["job"], r["instance"]) for r in read(tmp_path / "engine.json")] == [("J1 x", "larger"), ("J2 y", "small")]


@pytest.mark.parametrize(
    ("wanted", "without", "expected"),
    [
        (["engine"], ["j3"], ["engine_j1", "engine_j4", "engine_j4_real"]),
        (["j4", "latency"], [], ["engine_j4", "engine_j4_real", "latency"]),
        (["engine_j1"], [], ["engine_j1"]),
        ([], ["j4"], ["engine_j1", "engine_j3", "latency"]),
    ],
)
def test_parts_are_chosen_by_name(wanted: list[str], without: list[str], expected: list[str]) -> None:
    known = ["engine_j1", "engine_j3", "engine_j4", "engine_j4_real", "latency"]
    assert chosen(wanted, without, known) == expected


def test_an_unknown_part_is_said() -> None:
    with pytest.raises(SystemExit, match="no such measurement: j9"):
        chosen(["j9"], [], ["engine_j1"])


def test_a_part_that_breaks_off_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = list[str]()

    def run(command: list[str], check: bool) -> CompletedProcess[bytes]:
        ended.append(command[-1])
        return CompletedProcess(command, -9 if command[-1] == "engine_j1" else 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(bench.__main__, "jobs", lambda: ["engine_j1", "engine_j2", "engine_j3"])
    with pytest.raises(SystemExit, match="BROKEN OFF, without new rows: engine_j1"):
        bench.__main__.main(["engine", "--without", "j3"])
    assert ended == ["engine_j1", "engine_j2"]
    assert "engine_j1: BROKEN OFF with status -9" in capsys.readouterr().out


def test_a_goal_is_judged_by_its_worst_row(tmp_path: Path) -> None:
    rows = [a_row(ours=0.1), a_row(instance="other", ours=0.4), a_row("J9 else", ours=9.0)]
    most = Goal("g", "^J1", "at most", "ours", 0.25, False, "^s")
    times = Goal("h", "^J1", "at least", "ratio", 10, True, "^s", peer="PostGIS")
    share = Goal("i", "^J1", "all", "share", 1, True, "^s", "small")
    absent = Goal("j", "^J8", "nothing", "ours", 1, False, "")
    (tmp_path / "engine_x.py").write_text('PROFILES = {"g": "why"}\nSHOWS = {"i": {"instance": "other"}}\n')
    a, b, c, d = reached(rows, (most, times, share, absent), tmp_path)
    assert (a.value, a.holds, a.why) == (0.4, False, "why")
    assert (b.value, b.holds) == (5.0, False)
    assert c.row is not None
    assert c.row["instance"] == "other"
    assert (d.value, d.holds, d.times_better) == (None, None, None)


def test_a_share_counts_every_row_once(tmp_path: Path) -> None:
    """Two sets, of which one is beside two peers: 2 of 3 and 5 of 5 are 7 of 8."""
    rows = [a_row(ours=2.0, n=3), a_row(ours=2.0, n=3, peer_value=None), a_row(instance="large", ours=5.0, n=5)]
    [found] = reached(rows, [Goal("i", "^J1", "all", "share", 1, True, "^s")], tmp_path)
    assert found.row is not None
    assert (found.row["ours"], found.row["n"], found.value, found.holds) == (7, 8, 7 / 8, False)


def test_every_goal_is_of_a_module_and_compiles() -> None:
    assert len({goal.id for goal in GOALS}) == len(GOALS)
    ids = {goal.id for goal in GOALS}
    for goal in GOALS:
        for pattern in (goal.job, goal.metric, goal.instance, goal.peer):
            re.compile(pattern)
    for path in HERE.glob("engine_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = {t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)}
            if names & {"PROFILES", "SHOWS"}:
                assert set(ast.literal_eval(node.value)) <= ids, path  # type: ignore[attr-defined]


def test_the_page_and_its_plots_are_what_the_rows_say(tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    render(RESULTS, tmp_path)
    kept, made = (_figures((folder / "benchmarks.md").read_text(encoding="utf-8")) for folder in (DOCS, tmp_path))
    assert kept == made  # if not: python -m bench report
    drawn = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "plots").iterdir()}
    assert {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "plots").iterdir()} == drawn
    for picture in drawn.values():
        ElementTree.fromstring(picture)
        assert "prefers-color-scheme:dark" in picture
    words = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"plots/([a-z0-9-]+\.svg)", words)) == set(drawn)


def _figures(page: str) -> list[str]:
    """The rows of its tables, without what modules say of themselves."""
    return [line for line in page.splitlines() if line.startswith("|")]


def test_only_times_are_drawn_on_an_axis_of_time() -> None:
    rows = [a_row(), a_row(ours=0.0), a_row(peer_value=None), a_row(), a_row()]
    rows[3]["metric"], rows[4]["metric"] = "gap, %", "route, p50 ms"
    picture = plots.timed("J1 x", rows)
    assert picture is not None
    assert picture.count("<circle") == 2
    assert [plots.seconds(r) for r in rows] == [1.0, 1.0, 1.0, None, 1e-3]
