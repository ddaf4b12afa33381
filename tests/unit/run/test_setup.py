"""The set-up's judgement of what is still good: hashes of inputs, levels of packages, which Node.js."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import setup


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with requirements and an uv that only notes what it was asked."""
    for name in setup.LEVELS.values():
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return tmp_path


@pytest.fixture
def uv(clone: Path) -> Path:
    program = clone / "uv"
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {clone}/asked\n'
        f'case "$1" in venv) mkdir -p {clone}/.venv/bin && touch {clone}/.venv/bin/python;; esac\n[ ! -e {clone}/broken ]\n',
    )
    program.chmod(0o755)
    return program


def asked(clone: Path) -> list[str]:
    """The first words of each call since the last look."""
    note = clone / "asked"
    words = [line.split()[0] for line in note.read_text().splitlines()] if note.exists() else []
    note.unlink(missing_ok=True)
    return words


def test_packages_are_installed_once(clone: Path, uv: Path) -> None:
    setup.packages(uv, "run")
    assert asked(clone) == ["venv", "pip"]
    setup.packages(uv, "run")
    assert asked(clone) == []


def test_a_changed_pin_is_installed(clone: Path, uv: Path) -> None:
    setup.packages(uv, "run")
    asked(clone)
    (clone / "requirements.txt").write_text("flask==9\n")
    setup.packages(uv, "run")
    assert asked(clone) == ["pip"]


def test_an_environment_for_tests_also_runs_but_not_the_other_way_round(clone: Path, uv: Path) -> None:
    setup.packages(uv, "test")
    asked(clone)
    setup.packages(uv, "run")
    assert asked(clone) == []
    setup.packages(uv, "bench")
    assert asked(clone) == ["pip"]


def test_a_changed_runtime_pin_reaches_an_environment_made_for_tests(clone: Path, uv: Path) -> None:
    setup.packages(uv, "test")
    asked(clone)
    (clone / "requirements.txt").write_text("flask==9\n")
    setup.packages(uv, "test")
    assert asked(clone) == ["pip"]


def test_a_failed_installation_is_told_and_tried_again(clone: Path, uv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setup.packages(uv, "run")
    asked(clone)
    (clone / "requirements.txt").write_text("flask==9\n")
    (clone / "broken").touch()
    with pytest.raises(setup.SetupError, match="uv pip sync failed"):
        setup.packages(uv, "run")
    assert "failed" in capsys.readouterr().out
    (clone / "broken").unlink()
    asked(clone)
    setup.packages(uv, "run")
    assert asked(clone) == ["pip"]


def test_a_hash_sees_contents_and_names(clone: Path) -> None:
    one, two = clone / "one", clone / "two"
    one.write_text("x")
    before = setup.digest([one])
    one.rename(two)
    assert setup.digest([two]) != before
    two.write_text("y")
    two.rename(one)
    assert setup.digest([one]) != before
    one.write_text("x")
    assert setup.digest([one]) == before


@pytest.mark.parametrize(("says", "major"), [("v22.3.0", 22), ("v18.20.4", 18)])
def test_the_version_of_node_is_read(tmp_path: Path, says: str, major: int) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {says}\n")
    node.chmod(0o755)
    assert setup.node_major(str(node)) == major


def test_a_node_that_does_not_run_is_too_old(tmp_path: Path) -> None:
    assert setup.node_major(str(tmp_path / "absent")) == 0


def test_the_machines_settings_win_over_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_SYSTEM_CERTS", "0")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "mine.pem")
    env = setup.environment()
    assert (env["UV_SYSTEM_CERTS"], env["NODE_EXTRA_CA_CERTS"]) == ("0", "mine.pem")


def test_it_runs_on_a_bare_python_and_says_how(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", str(Path(setup.__file__)), "dance"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"PATH": os.defpath}, check=False)
    assert done.returncode == 2
    assert done.stderr == "usage: python3 app/setup.py run|test|bench\n"
