"""Chromium as the machine packages it, and the application served on a real port for it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library

from flask import Flask
from werkzeug.serving import make_server

INSTALL = "apt-get install -y chromium fonts-noto-cjk libatomic1"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Chromium, if it and the library that Playwright's driver needs are installed."""
    if find_library("atomic") is None:
        return None
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def arguments() -> list[str]:
    """Chromium's sandbox does not start as root; in containers its shared memory is too small."""
    return ["--disable-dev-shm-usage", "--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which `app` answers while the block runs; port 0 takes a free one."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
