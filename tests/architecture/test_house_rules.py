"""House rules that no linter knows: sizes, left-overs, what must never be in the repository."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
LONGEST_LINE = 150
LONGEST_TEMPLATE_LINE = 220
TEXT = {
    ".py",
    ".html",
    ".txt",
    ".js",
    ".mjs",
    ".css",
    ".md",
    ".toml",
    ".in",
    ".json",
    ".ini",
    ".cfg",
    ".mako",
    ".po",
    ".yml",
    ".yaml",
    ".sh",
    ".xml",
    "",
}
GENERATED = {"requirements.txt", "requirements-dev.txt", "requirements-bench.txt", "package-lock.json"}
REGISTRIES = (
    "registry." + "npmjs",
    "files.python" + "hosted",
    "pypi." + "org",
    "pypi." + "python",
    "deb." + "debian.org",
    "yarn" + "pkg.com",
)
MACHINE_PATHS = re.compile(r"""(?<![\w.<{}$/-])/(?:root|home/\w+|work|Users/\w+)/""")


def tracked() -> list[Path]:
    """Every text file under version control, or about to be."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [path for path in (ROOT / name for name in listed) if path.is_file() and path.suffix in TEXT]


FILES = tracked()
CODE = [path for path in FILES if path.suffix == ".py"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_files_are_short_enough_to_hold_one_concept() -> None:
    code = [path for path in CODE if not named(path).startswith("migrations/versions/")]  # written out once, never edited again
    long = {named(path): len(lines(path)) for path in code if len(lines(path)) >= LONGEST_FILE}
    assert not long, long


def test_lines_fit() -> None:
    code = [path for path in CODE if not named(path).startswith("migrations/versions/")]
    wrong = [
        f"{named(path)}:{n} ({len(line)})"
        for path in code
        for n, line in enumerate(lines(path), 1)
        if len(line) > (LONGEST_LINE if path.suffix == ".py" else LONGEST_TEMPLATE_LINE)
    ]
    assert not wrong, wrong


def test_every_module_says_what_it_owns() -> None:
    def silent(path: Path) -> bool:
        return bool(path.read_text(encoding="utf-8").strip()) and not ast.get_docstring(
            ast.parse(path.read_text(encoding="utf-8"))
        )

    wrong = [named(path) for path in CODE if path.is_relative_to(ROOT / "app") and silent(path)]
    assert not wrong, wrong


def test_nothing_is_left_for_later() -> None:
    left_over = re.compile(
        "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "raise NotImplemented" + "Error", "not " + "implemented"))
    )
    folders = ("app", "templates", "frontend/src", "migrations", "tests", "bench")
    sources = [path for path in FILES if named(path).startswith(folders)]
    wrong = [f"{named(path)}:{n}" for path in sources for n, line in enumerate(lines(path), 1) if left_over.search(line)]
    assert not wrong, wrong


def test_no_registry_and_no_path_of_a_machine_is_written_down() -> None:
    def offends(line: str) -> bool:
        return any(host in line for host in REGISTRIES) or MACHINE_PATHS.search(line) is not None

    wrong = [
        f"{named(path)}:{n}: {line.strip()[:100]}" for path in FILES for n, line in enumerate(lines(path), 1) if offends(line)
    ]
    assert not wrong, wrong


def test_every_page_extends_the_base() -> None:
    """A page is a template that no other template includes or imports; a fragment that a route answers with begins with `_`."""
    folder = ROOT / "templates"
    texts = {
        str(p.relative_to(folder)): p.read_text(encoding="utf-8")
        for p in FILES
        if p.suffix == ".html" and p.is_relative_to(folder)
    }
    parts = {name for text in texts.values() for name in re.findall(r"""{%-?\s*(?:include|import|from)\s+["']([^"']+)""", text)}
    apart = ("base.html", "macros/", "email/", "documents/")
    extends = re.compile(r"{%-?\s*extends ")

    def is_page(name: str) -> bool:
        return name not in parts and not name.startswith(apart) and not Path(name).name.startswith("_")

    wrong = [name for name, text in texts.items() if is_page(name) and not extends.search(text)]
    assert texts
    assert not wrong, wrong


def test_pages_carry_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    pages = [
        p
        for p in FILES
        if p.suffix == ".html" and p.is_relative_to(ROOT / "templates") and "email" not in p.parts and "documents" not in p.parts
    ]
    wrong = [f"{named(path)}:{n}" for path in pages for n, line in enumerate(lines(path), 1) if inline.search(line)]
    assert not wrong, wrong


@pytest.mark.parametrize("wider", ["requirements-dev.txt", "requirements-bench.txt"])
def test_wider_requirements_contain_the_narrower_pins(wider: str) -> None:
    runtime, wide = ({line for line in lines(ROOT / name) if "==" in line} for name in ("requirements.txt", wider))
    assert runtime <= wide, f"{wider} lacks {sorted(runtime - wide)}: compile it again"


def test_the_lock_file_names_no_registry_and_checks_every_package() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
