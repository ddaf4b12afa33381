"""The manifest of the built front end, as templates see it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from app.web import assets


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("page", root_path=str(tmp_path))
    assets.init(app)

    @app.get("/")
    def page() -> str:
        return render_template_string("{{ asset('app.js') }}")

    return app


def build(app: Flask, **names: str) -> Path:
    assert app.static_folder is not None
    manifest = Path(app.static_folder) / "dist" / "manifest.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({name.replace("_", "."): built for name, built in names.items()}))
    return manifest


def test_an_entry_is_named_with_its_hash(app: Flask) -> None:
    build(app, app_js="app-AAAA.js")
    assert app.test_client().get("/").text == "/static/dist/app-AAAA.js"


def test_a_rebuild_is_seen_without_a_restart(app: Flask) -> None:
    build(app, app_js="app-AAAA.js")
    client = app.test_client()
    client.get("/")
    manifest = build(app, app_js="app-BBBB.js")
    os.utime(manifest, ns=(1, 1))
    assert client.get("/").text == "/static/dist/app-BBBB.js"


def test_a_missing_build_is_explained_in_both_languages(app: Flask) -> None:
    answer = app.test_client().get("/")
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert "前端尚未构建" in answer.text


def test_a_name_that_is_no_entry_point_is_an_error_that_lists_them(app: Flask) -> None:
    manifest = assets.Manifest(build(app, app_js="app-AAAA.js", map_js="map-AAAA.js"))
    with pytest.raises(assets.UnknownAsset, match=r"charts\.js.*app\.js, map\.js"):
        manifest.built_name("charts.js")


def test_only_hashed_files_are_kept_for_long(app: Flask) -> None:
    folder = build(app, app_js="app-AAAA.js").parent
    (folder / "app-AAAA.js").write_text("1")
    (folder.parent / "logo.svg").write_text("<svg/>")
    client = app.test_client()
    assert "max-age=31536000" in client.get("/static/dist/app-AAAA.js").headers["Cache-Control"]
    assert "max-age" not in client.get("/static/logo.svg").headers["Cache-Control"]
    assert "max-age=31536000" in client.get("/static/logo.svg?v=7c1f").headers["Cache-Control"], "its digest is in its address"


def test_a_packed_file_is_sent_as_the_browser_takes_it(app: Flask) -> None:
    folder = build(app, app_js="app-AAAA.js").parent
    for ending, content in (("", "plain"), (".gz", "zipped"), (".br", "brotli")):
        (folder / f"app-AAAA.js{ending}").write_text(content)
    (folder / "rare-BBBB.js").write_text("alone")
    client = app.test_client()

    def sent(name: str, accepted: str) -> tuple[str, str | None, str | None, str | None]:
        answer = client.get(f"/static/dist/{name}", headers={"Accept-Encoding": accepted} if accepted else {})
        return answer.text, answer.headers.get("Content-Encoding"), answer.headers.get("Vary"), answer.mimetype

    assert sent("app-AAAA.js", "gzip, deflate, br") == ("brotli", "br", "Accept-Encoding", "text/javascript")
    assert sent("app-AAAA.js", "gzip") == ("zipped", "gzip", "Accept-Encoding", "text/javascript")
    assert sent("app-AAAA.js", "") == ("plain", None, "Accept-Encoding", "text/javascript")
    assert sent("rare-BBBB.js", "gzip, br") == ("alone", None, None, "text/javascript")
    assert (
        "max-age=31536000" in client.get("/static/dist/app-AAAA.js", headers={"Accept-Encoding": "br"}).headers["Cache-Control"]
    )
