"""A demo story that broke off half-way is neither taken for whole nor told on top of itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.config import Settings
from app.demo.unfinished import begun, ended, is_unfinished, start_over


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path / 'demo.db'}", secret_key="test", var=tmp_path / "var")


def test_a_mark_stands_for_one_database_until_the_story_ends(settings: Settings, tmp_path: Path) -> None:
    begun(settings)
    assert is_unfinished(settings)
    assert not is_unfinished(replace(settings, database_url=f"sqlite:///{tmp_path / 'other.db'}"))
    ended(settings)
    assert not is_unfinished(settings)


def test_starting_over_removes_the_file_and_its_companions(settings: Settings, tmp_path: Path) -> None:
    begun(settings)
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"demo.db{ending}").touch()
    assert start_over(settings)
    assert [path.name for path in tmp_path.iterdir()] == ["var"]
    assert not is_unfinished(settings)


def test_a_database_of_a_server_is_left_alone_and_the_command_says_what_to_do(settings: Settings) -> None:
    begun(settings)
    answer = create_app(settings).test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code == 1
    assert "interrupted" in answer.output
    served = replace(settings, database_url="postgresql://somebody@localhost/market")
    begun(served)
    assert not start_over(served)
    assert is_unfinished(served)
