"""Nothing outside its own module may know a kind of asset by name: what differs between kinds is declared (app/catalogue)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
NAMES = frozenset(kind.name for kind in KINDS.all())
KNOW_KINDS = ("app/catalogue/", "app/demo/")  # declarations and profiles; an invented story
SPECIMENS = ("app/web/styleguide.py", "templates/styleguide")  # show every kind on purpose, decide nothing
QUOTED = re.compile(rf"""["'](?:{"|".join(sorted(NAMES))})["']""")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


CODE = [p for p in sorted((ROOT / "app").rglob("*.py")) if not named(p).startswith((*KNOW_KINDS, *SPECIMENS))]
TEMPLATES = [p for p in sorted((ROOT / "templates").rglob("*")) if p.is_file() and not named(p).startswith(SPECIMENS)]
SCRIPTS = [p for p in sorted((ROOT / "frontend" / "src").rglob("*")) if p.suffix in (".js", ".mjs")]


def literals(path: Path) -> Iterator[int]:
    """Lines that hold a string which is exactly a kind's name, or a module named after one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value in NAMES:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module in {f"app.catalogue.{name}" for name in NAMES}:
            yield node.lineno


def test_no_code_knows_a_kind_by_name() -> None:
    assert len(CODE) > 200
    assert [f"{named(path)}:{line}" for path in CODE for line in literals(path)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_template_knows_a_kind_by_name(path: Path) -> None:
    found = [n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if QUOTED.search(line)]
    assert found == []


def test_no_script_branches_on_a_kind() -> None:
    """A script may fall back to a hue, whose tokens are named after kinds; it may not compare one."""
    branch = re.compile(rf"""(?:[=!]==?|case)\s*{QUOTED.pattern}|{QUOTED.pattern}\s*[=!]==?|{QUOTED.pattern}\s*\]""")
    found = [
        f"{named(p)}:{n}"
        for p in SCRIPTS
        for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        if branch.search(line)
    ]
    assert found == []
