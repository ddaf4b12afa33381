"""The built front end: what a template's `asset("app.js")` is called in app/static/dist.

The manifest is read once for each build. Without a build every page says how to make one.
"""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory, url_for

DIST = "dist"
YEAR_S = 365 * 24 * 3600
PACKED = {"br": ".br", "gzip": ".gz"}  # encodings that frontend/build.mjs writes beside a file, the smaller first

UNBUILT_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Infrashare: the front end is not built</title>
<h1>The front end is not built yet</h1>
<p>Run <code>make run</code>, or <code>python3 app/setup.py run</code>, in the project's folder; then reload this page.</p>
<h1 lang="zh-CN">前端尚未构建</h1>
<p lang="zh-CN">请在项目目录中运行 <code>make run</code> 或 <code>python3 app/setup.py run</code>，然后刷新本页。</p>
</html>
"""


class FrontEndNotBuilt(RuntimeError):
    """There is no manifest in app/static/dist."""


class UnknownAsset(LookupError):
    """A template names an entry point that frontend/src does not have."""


@dataclass
class Manifest:
    """Entry name → built name, read again when the file changes (a rebuild while the server runs)."""

    path: Path
    _changed_ns: int = -1
    _names: dict[str, str] = field(default_factory=dict)

    def built_name(self, entry: str) -> str:
        """`app.js` → `app-7E3V24GW.js`. Raises `FrontEndNotBuilt` or `UnknownAsset`."""
        try:
            changed_ns = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            raise FrontEndNotBuilt(f"{self.path} is missing: run python3 app/setup.py run") from None
        if changed_ns != self._changed_ns:
            self._names, self._changed_ns = json.loads(self.path.read_text(encoding="utf-8")), changed_ns
        if entry not in self._names:
            raise UnknownAsset(f"{entry} is not an entry point of frontend/src; there are: {', '.join(self._names)}")
        return self._names[entry]


def asset_url(manifest: Manifest, entry: str) -> str:
    return url_for("static", filename=f"{DIST}/{manifest.built_name(entry)}")


def send_static(folder: Path, filename: str) -> Response:
    """One of our own files, packed as the browser takes it where the build has packed it."""
    ways = {name: f"{filename}{ending}" for name, ending in PACKED.items() if (folder / f"{filename}{ending}").is_file()}
    way = next((name for name in ways if request.accept_encodings.quality(name) > 0), None)
    mimetype, age = mimetypes.guess_type(filename)[0], current_app.get_send_file_max_age(filename)
    sent = send_from_directory(folder, ways[way] if way else filename, mimetype=mimetype, max_age=age)
    if ways:
        sent.vary.add("Accept-Encoding")
    if way:
        sent.content_encoding = way
    return sent


def _unbuilt(error: Exception) -> Response:
    return Response(UNBUILT_PAGE, status=503, mimetype="text/html", headers={"Retry-After": "60", "Cache-Control": "no-store"})


def init(app: Flask) -> None:
    """Give templates `asset`, let browsers keep for a year what has a digest in its address, and explain a missing build."""
    assert app.static_folder is not None
    manifest = Manifest(Path(app.static_folder) / DIST / "manifest.json")
    app.jinja_env.globals["asset"] = partial(asset_url, manifest)
    app.register_error_handler(FrontEndNotBuilt, _unbuilt)

    def max_age(filename: str | None) -> int | None:
        is_hashed = filename is not None and (filename.startswith(f"{DIST}/") or "v" in request.args)
        return YEAR_S if is_hashed else None

    app.get_send_file_max_age = max_age  # type: ignore[method-assign]
    folder = Path(app.static_folder)

    def static(filename: str) -> Response:
        return send_static(folder, filename)

    app.view_functions["static"] = static
