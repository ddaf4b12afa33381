"""What the documents promise is there: settings, files they link to, make targets, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_lists_the_settings_that_are_read() -> None:
    settings = set(re.findall(r"""(?:get\(|env, )"([A-Z_]+)\"""", read("app/config.py")))
    engine = set(re.findall(r"""environ\.get\("([A-Z_]+)\"""", read("app/engine/backend.py")))
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", read("README.md"), re.MULTILINE))
    assert settings >= {"PORT", "DATABASE_URL", "DEMO"}
    assert listed == settings | engine


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_readme_names_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", read("README.md"), re.MULTILINE))
    assert {"run", "test"} <= named <= targets


def test_decisions_are_numbered_in_order_and_short() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    assert {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in decisions
        if len(path.read_text().splitlines()) > 45
    } == {}
