"""The corridor layers of an administration: what is loaded, a form to load one more, and to take one away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.exchange.corridors.lines import Lines, read_lines
from app.kernel.errors import DomainError, Problem, fail
from app.kernel.text import Text
from app.matching import CORRIDOR_SORTS, LoadLayer, drop_layer, layer_list, load_layer, own_regions
from app.web.execute import ask, current_actor, execute
from app.web.forms import field_errors, typed
from app.web.i18n import current_locale
from app.web.policy import policy

blueprint = Blueprint("corridors", __name__, url_prefix="/corridors")
COMMON_CRS = ("EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09", "EPSG:3857")
ACCEPTED = ".geojson,.json,.gpkg,.zip,.kml,.kmz,.gz"
SHOWN = ("invalid", "file_unreadable", "no_corridor_lines", "too_many_corridor_lines", "corridor_out_of_range", "malformed")
MISSING = Text("Say this.", "请填写此项。")


@blueprint.get("")
@policy("corridor.list")
def index() -> str:
    return _page({}, {})


@blueprint.post("")
@policy("corridor.load")
def load() -> Response | tuple[str, int]:
    try:
        found = _sent()
        wanted = LoadLayer(typed("region"), typed("name"), typed("sort"), typed("source"), found.crs, found.lines)
        execute(load_layer, wanted)
    except DomainError as error:
        if error.code not in SHOWN:
            raise
        errors = field_errors(error) if error.code == "invalid" else {"file": error.text.in_(current_locale())}
        return _page(dict(request.form), errors), 422
    flash(ngettext("%(num)d line is loaded; the groups are reckoned anew.", "%(num)d lines are loaded; the groups are reckoned anew.",
                   len(found.lines)), "ok")  # fmt: skip
    if found.others:
        flash(ngettext("%(num)d entry of the file is no line and was left out.", "%(num)d entries of the file are no lines and were left out.",
                       found.others), "info")  # fmt: skip
    return _back()


@blueprint.post("/<ref>/drop")
@policy("corridor.load")
def drop(ref: str) -> Response:
    execute(drop_layer, ref)
    flash(_("The layer is taken away; the groups are reckoned anew."), "ok")
    return _back()


def _sent() -> Lines:
    """The lines of the uploaded file; every field that is missing is named at once."""
    sent = request.files.get("file")
    missing = [name for name in ("name", "sort", "source", "region") if not typed(name)]
    if sent is None or not sent.filename:
        missing.append("file")
    if missing:
        raise fail("invalid", [Problem("required", MISSING, pointer=f"/{name}") for name in missing])
    assert sent is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        sent.save(path)
        return read_lines(path, sent.filename or "file", typed("crs") or None)


def _page(values: dict[str, Any], errors: dict[str, str]) -> str:
    locale = current_locale()
    labels = {"file": _("File"), "name": _("Name of the layer"), "sort": _("What the lines are"), "source": _("Source and licence"),
              "region": _("Region"), "crs": _("Coordinate system")}  # fmt: skip
    return render_template(
        "corridors/index.html", layers=ask(layer_list), sorts=CORRIDOR_SORTS, values=values, errors=errors, labels=labels,
        accepted=ACCEPTED, common_crs=COMMON_CRS, sort_options=[(name, words.in_(locale)) for name, words in CORRIDOR_SORTS.items()],
        regions=own_regions(current_actor()),
    )  # fmt: skip


def _back() -> Response:
    return redirect(url_for("corridors.index"), 303)  # type: ignore[return-value]
